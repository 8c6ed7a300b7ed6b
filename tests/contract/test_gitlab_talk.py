"""What GitLab tells of people, remarks and commits, and how we answer."""

import pytest

from worker.jobs import Remark

OURS = "Gavel says so.\n\n<!-- gavel:re=12 -->"


def remark(stage, thread: str = "") -> Remark:
    return Remark(stage.change(), "12", thread, "bob", False, "/gavel help")


def on_line(stage, **given):
    """Somebody's note on a line of the newest head."""
    newest = stage.seeded.versions[-1]
    position = {
        "position_type": "text",
        "head_sha": newest.head,
        "base_sha": newest.base,
        "start_sha": newest.start,
        "old_path": "app.py",
        "new_path": "app.py",
        "new_line": 3,
        "old_line": None,
        **given.pop("at", {}),
    }
    given = {"body": "Why?", "author": "bob", "kind": "DiffNote", **given}
    return stage.double.add_note(repo=stage.repo, number=stage.number, position=position, **given)


@pytest.mark.parametrize(
    ("level", "state", "expected"),
    [(30, "active", True), (50, "active", True), (20, "active", False), (40, "blocked", False)],
)
def test_only_who_may_push_may_command(gitlab, level, state, expected) -> None:
    gitlab.double.state.members |= {"bob": (level, state), "bob2": (50, "active")}
    assert gitlab.forge.may_write(gitlab.change(), "bob") is expected


@pytest.mark.parametrize("login", ["bob", "", "../x", "bob\n", "Bob", "a b"])
def test_nobody_else_may_write(gitlab, login) -> None:
    gitlab.double.state.members["bobby"] = (50, "active")
    assert gitlab.forge.may_write(gitlab.change(), login) is False


def test_members_that_may_not_be_listed_may_not_command(gitlab) -> None:
    gitlab.double.fail_next(403, path="/members/all")
    assert gitlab.forge.may_write(gitlab.change(), "bob") is False


def test_a_note_on_a_line_is_a_remark(gitlab) -> None:
    span = {"start": {"new_line": 2}, "end": {"new_line": 3}}
    said = on_line(gitlab, at={"line_range": span}, author="group_1_bot")
    (found,) = gitlab.forge.remarks(gitlab.change())
    assert (found.thread, found.path, found.start_line, found.end_line) == (said.id, "app.py", 2, 3)
    assert (found.author, found.is_bot, found.body) == ("group_1_bot", True, "Why?")


def test_other_notes_are_no_remarks(gitlab) -> None:
    on_line(gitlab, at={"new_line": None, "old_line": 3})
    on_line(gitlab, at={"head_sha": "9" * 40})
    on_line(gitlab, body=OURS)
    gitlab.double.add_note(repo=gitlab.repo, number=gitlab.number, body="Nice.", author="bob")
    gitlab.forge.publish(gitlab.change(), gitlab.review(gitlab.comment()))
    assert gitlab.forge.remarks(gitlab.change()) == ()


def test_an_answer_goes_into_the_thread_once(gitlab) -> None:
    thread = on_line(gitlab)
    first = gitlab.forge.reply(gitlab.change(), remark(gitlab, thread.id), OURS)
    again = gitlab.forge.reply(gitlab.change(), remark(gitlab, thread.id), "More. " + OURS)
    assert first == again and [note.body for note in thread.notes] == ["Why?", "More. " + OURS]


def test_an_answer_to_a_remark_on_no_line_stands_under_the_merge_request_once(gitlab) -> None:
    first = gitlab.forge.reply(gitlab.change(), remark(gitlab), OURS)
    assert gitlab.forge.reply(gitlab.change(), remark(gitlab), OURS) == first
    (said,) = gitlab.double.state.discussions
    assert said.individual and said.notes[0].body == OURS


def test_an_answer_that_somebody_else_forged_is_not_edited(gitlab) -> None:
    gitlab.double.add_note(repo=gitlab.repo, number=gitlab.number, body=OURS, author="mallory")
    gitlab.forge.reply(gitlab.change(), remark(gitlab), OURS)
    assert len(gitlab.double.state.discussions) == 2


def test_commits_come_the_oldest_first_with_their_whole_message(gitlab) -> None:
    trailer = "Second\n\nCo-authored-by: Some Agent <agent@example.org>"
    gitlab.seeded.commits = [
        {"id": "1" * 40, "message": "First", "name": "Ada", "email": "ada@example.org"},
        {"id": "2" * 40, "message": trailer},
    ]
    first, second = gitlab.forge.commits(gitlab.change())
    assert (first.sha, first.author) == ("1" * 40, "Ada <ada@example.org>")
    assert second.message == trailer
