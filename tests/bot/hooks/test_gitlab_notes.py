"""Notes on GitLab merge requests that ask for an answer, and what they say of themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.hooks import gitlab
from worker.jobs import ChangeRef, Ignored, OpinionJob, RemarkJob

PAYLOADS = Path(__file__).parents[2] / "payloads" / "gitlab"
HEAD = "5c1f0e3ab2d94c6f8e7a1b0d3c5e7f9a1b3d5f70"
CHANGE = ChangeRef("gitlab", "tools/parsers/toml", 17, HEAD)


def parsed(name: str, *, author: str = "bob", **changed: object) -> RemarkJob | Ignored:
    delivery = json.loads((PAYLOADS / f"{name}.json").read_bytes())
    delivery["user"]["username"] = author
    delivery["object_attributes"].update(changed)
    answer = gitlab.parse({"Idempotency-Key": "k"}, json.dumps(delivery).encode())
    assert isinstance(answer, RemarkJob | Ignored)
    return answer


def test_a_command_under_the_change_is_a_remark_on_no_line() -> None:
    job = parsed("note.command")
    assert isinstance(job, RemarkJob)
    remark = job.remark
    assert (job.event, job.delivery_id, remark.change) == ("note.create", "k", CHANGE)
    assert (remark.id, remark.thread, remark.author, remark.is_bot) == ("1244", "", "bob", False)
    assert (remark.body, remark.path, remark.end_line) == ("/gavel review", "", 0)


def test_a_suggestion_names_its_thread_and_every_line_that_it_is_about() -> None:
    job = parsed("note.suggestion")
    assert isinstance(job, RemarkJob)
    remark = job.remark
    assert remark.thread == "6a9c1750b37d513a43987b574953fceb50b03ce7"
    assert (remark.path, remark.start_line, remark.end_line) == ("toml/keys.py", 12, 14)


def test_a_note_on_a_removed_line_is_on_no_line() -> None:
    position = {"new_path": "a.py", "old_path": "a.py", "new_line": None, "old_line": 3}
    job = parsed("note.suggestion", position=position)
    assert isinstance(job, RemarkJob)
    assert (job.remark.path, job.remark.start_line, job.remark.end_line) == ("", 0, 0)


@pytest.mark.parametrize(
    "author",
    ["project_6_bot", "group_12_bot_4ffca233d8298ea1", "service_account_abc", "GitLabDuo"],
)
def test_users_of_tokens_are_told_as_programs(author: str) -> None:
    job = parsed("note.suggestion", author=author)
    assert isinstance(job, RemarkJob) and job.remark.is_bot
    assert isinstance(parsed("note.command", author=author), Ignored)


@pytest.mark.parametrize("author", ["robot", "project_bot", "a_group_1_bot"])
def test_people_with_such_names_are_people(author: str) -> None:
    job = parsed("note.command", author=author)
    assert isinstance(job, RemarkJob) and not job.remark.is_bot


def test_code_of_a_program_is_judged_though_it_suggests_nothing() -> None:
    code = "Try:\n\n```python\nx = 1\n```"
    assert isinstance(parsed("note.suggestion", author="GitLabDuo", note=code), RemarkJob)
    assert isinstance(parsed("note.suggestion", author="bob", note=code), Ignored)


@pytest.mark.parametrize(("person", "is_own"), [(3, True), (4, False), (None, False)])
def test_a_thumb_of_the_changes_own_author_is_told_as_such(person: object, is_own: bool) -> None:
    delivery = json.loads((PAYLOADS / "emoji.thumbsup.json").read_bytes())
    delivery["user"]["id"] = person
    answer = gitlab.parse({}, json.dumps(delivery).encode())
    assert isinstance(answer, OpinionJob) and answer.is_own is is_own


def test_the_emoji_of_a_program_is_nobodys_opinion() -> None:
    delivery = json.loads((PAYLOADS / "emoji.thumbsup.json").read_bytes())
    delivery["user"]["username"] = "group_12_bot"
    answer = gitlab.parse({}, json.dumps(delivery).encode())
    assert isinstance(answer, Ignored) and "program" in answer.reason


@pytest.mark.parametrize("name", ["note.command", "emoji.thumbsup"])
def test_a_username_that_no_column_holds_is_ignored_and_never_refused(name: str) -> None:
    delivery = json.loads((PAYLOADS / f"{name}.json").read_bytes())
    delivery["user"]["username"] = "a" * 255
    answer = gitlab.parse({}, json.dumps(delivery).encode())
    assert isinstance(answer, Ignored) and "more than 200 letters" in answer.reason


def test_a_note_that_ends_as_ours_do_is_never_answered() -> None:
    ours = "/gavel review\n\n<!-- gavel:re=12 -->"
    assert parsed("note.command", note=ours) == Ignored("our own note")
