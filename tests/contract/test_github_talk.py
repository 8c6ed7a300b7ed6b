"""What is said on a pull request: who may command, what others wrote, and our answers."""

from dataclasses import replace

import pytest

from bot.demo.github_double_state import Comment, Commit, Review
from worker.jobs import Remark

OURS = "Gavel says so.\n\n<!-- gavel:re=12 -->"
SUGGESTION = "```suggestion\n    return 2 * x\n```"


def said(github, number: int, body: str, *, author: str = "bob", **more) -> Comment:
    """Somebody writes on a line."""
    at = {"line": 3, "side": "RIGHT", **more}
    comment = Comment(
        number, number + 1, github.repo, github.number, github.head, "app.py", body, author, **at
    )
    where = (github.repo, github.number, github.head)
    github.double.post_review(Review(number + 1, *where, "COMMENT", "", author, (comment,)))
    return comment


def remark(github, *, thread: str = "", id: str = "12") -> Remark:
    return Remark(github.change(""), id, thread, "bob", False, "/gavel help")


@pytest.mark.parametrize(("login", "expected"), [("ann", True), ("bob", False)])
def test_people_who_may_push_may_command(github, login, expected) -> None:
    github.double.let_write("ann")
    assert github.forge.may_write(github.change(""), login) is expected


def test_a_name_that_a_company_gave_has_an_underscore(github) -> None:
    github.double.let_write("ann_octo")
    assert github.forge.may_write(github.change(""), "ann_octo")


@pytest.mark.parametrize("login", ["", "../admin", "a/b", "ghost?x=1", "a b"])
def test_a_doubtful_name_is_nobody_and_asks_nothing(github, login) -> None:
    assert github.forge.may_write(github.change(), login) is False
    assert github.double.requests == ()


def test_what_github_does_not_tell_about_a_person_is_a_no(github) -> None:
    github.double.fail_next(404, path="/permission")
    assert github.forge.may_write(github.change(), "ann") is False


def test_remarks_are_those_of_others_on_lines_that_are_there(github) -> None:
    said(github, 501, SUGGESTION, start_line=2)
    said(github, 511, "old side", side="LEFT")
    said(github, 521, "mine", author="gavel[bot]")
    said(github, 531, f"echo\n\n{OURS}")
    (found,) = github.forge.remarks(github.change())
    assert (found.id, found.thread, found.author, found.body) == ("501", "501", "bob", SUGGESTION)
    assert (found.path, found.start_line, found.end_line) == ("app.py", 2, 3)


def test_a_remark_in_a_thread_names_its_beginning(github) -> None:
    said(github, 501, "first")
    said(github, 511, "second", in_reply_to=501)
    assert [one.thread for one in github.forge.remarks(github.change())] == ["501", "501"]


@pytest.mark.parametrize("thread", ["", "501"])
def test_an_answer_is_posted_once_and_then_brought_up_to_date(github, thread) -> None:
    said(github, 501, SUGGESTION)
    first = github.forge.reply(github.change(), remark(github, thread=thread), OURS)
    again = github.forge.reply(github.change(), remark(github, thread=thread), f"More. {OURS}")
    assert again == first
    inline = [c for one in github.double.reviews for c in one.comments if c.id != 501]
    posted = [*inline, *github.double.issue_comments]
    assert [one.body for one in posted] == [f"More. {OURS}"]
    assert [c.in_reply_to for c in inline] == ([501] if thread else [])


def test_somebody_elses_words_that_end_alike_are_left_alone(github) -> None:
    theirs = said(github, 501, OURS)
    github.forge.reply(github.change(), remark(github, thread="501"), f"Ours. {OURS}")
    bodies = {c.id: c.body for one in github.double.reviews for c in one.comments}
    assert bodies.pop(theirs.id) == OURS
    assert list(bodies.values()) == [f"Ours. {OURS}"]


def test_an_answer_that_is_too_long_keeps_its_last_line(github) -> None:
    github.forge.reply(github.change(), remark(github), "word\n" * 20_000 + f"\n{OURS}")
    (posted,) = github.double.issue_comments
    assert len(posted.body) <= 65_536
    assert posted.body.endswith("<!-- gavel:re=12 -->")


def test_commits_come_with_author_and_message(github) -> None:
    message = "Add\n\nCo-authored-by: aider (aider) <aider@aider.chat>"
    change = replace(
        github.double._state.changes[github.repo, github.number],
        commits=(Commit(github.head, "Ann", message),),
    )
    github.double._state.changes[github.repo, github.number] = change
    (found,) = github.forge.commits(github.change())
    assert (found.sha, found.message) == (github.head, message)
    assert "Ann" in found.author
