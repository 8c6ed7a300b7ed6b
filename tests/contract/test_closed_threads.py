"""Who closed a thread of ours, and with which words, on both forges."""

from __future__ import annotations

from tests.contract.gitlab_stage import USERNAME


def test_github_tells_who_closed_a_thread_and_what_they_said_last(github) -> None:
    github.forge.publish(github.change(), github.review(github.comment(2, 3)))
    (first,) = github.double.threads
    github.double.close_thread(first.id, by="ann", saying="False positive: x is a number")
    (found,) = github.forge.comments(github.change())
    assert (found.is_resolved, found.closed_by) == (True, "ann")
    assert found.closed_words == "False positive: x is a number"


def test_github_names_nobody_where_we_closed_the_thread(github) -> None:
    github.forge.publish(github.change(), github.review(github.comment(2, 3)))
    (first,) = github.double.threads
    for closer in (first.author, first.author.removesuffix("[bot]"), "other[bot]"):
        github.double.close_thread(first.id, by=closer)
        (found,) = github.forge.comments(github.change())
        assert (found.is_resolved, found.closed_by) == (True, "")


def test_gitlab_tells_who_resolved_a_thread_and_what_they_said_last(gitlab) -> None:
    gitlab.forge.publish(gitlab.change(), gitlab.review(gitlab.comment(2, 3)))
    (thread,) = gitlab.threads()
    first = thread.notes[0]
    reply = type(first)(id=9001, body="Won't fix, by design", author="ann", type="DiffNote")
    thread.notes += [reply, type(first)(id=9002, body="resolved", author="ann", system=True)]
    first.resolved, first.resolved_by = True, "ann"
    (found,) = gitlab.forge.comments(gitlab.change())
    assert (found.closed_by, found.closed_words) == ("ann", "Won't fix, by design")
    first.resolved_by = USERNAME
    (found,) = gitlab.forge.comments(gitlab.change())
    assert (found.is_resolved, found.closed_by) == (True, "")
