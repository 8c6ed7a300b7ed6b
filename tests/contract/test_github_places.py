"""Where words go on GitHub: lines, files, one summary; and which threads are closed."""

from dataclasses import replace

import pytest

from bot.demo.github_double_door import CHECKS, REVIEWS
from worker.forges import github_threads
from worker.types import Conclusion

FIX = "Words.\n\n```suggestion\nx = 1\n```\n\n<!-- gavel:fp=" + "a" * 16 + " -->"


def on_files(github) -> list[str]:
    return [c.body for one in github.double.reviews for c in one.comments if not c.line]


def test_lines_that_github_refuses_all_the_same_go_to_their_files(github) -> None:
    github.double.fail_next(422, method="POST", path="/reviews")
    both = [github.comment(), github.comment(23, 23, fp="b" * 16)]
    published = github.forge.publish(github.change(), github.review(*both))
    assert github.inline() == []
    first, second = on_files(github)
    assert first.startswith("`app.py` lines 2-3:\n\nWords about aaaa") and "bbbb" in second
    assert len(published.comment_ids) == 2 and github.check() == "neutral"


def test_a_line_outside_the_diff_goes_to_its_file(github) -> None:
    github.forge.publish(github.change(), github.review(github.comment(10, 11)))
    (body,) = github.sent("POST", "/pulls/7/comments")
    assert (body["subject_type"], body["path"], "line" in body) == ("file", "app.py", False)


def test_what_no_file_takes_is_told_in_the_summary_and_on_the_check(github) -> None:
    github.double.fail_next(422, times=2, method="POST", path="/pulls/7/")
    review = github.review(github.comment())
    github.forge.publish(github.change(), review)
    github.double.fail_next(422, times=2, method="POST", path="/pulls/7/")
    github.forge.publish(github.change(), review)
    (told,) = github.double.issue_comments
    assert "Words about aaaa" in told.body and "gavel:fp" not in told.body
    assert "Words about aaaa" in github.double.check_runs[0].summary


@pytest.mark.parametrize(
    ("lines", "is_kept"), [((2, 3), True), ((3, 23), False), ((10, 11), False)]
)
def test_a_suggestion_can_only_be_applied_to_the_lines_that_it_replaces(
    github, lines, is_kept
) -> None:
    fix = replace(github.comment(*lines), body=FIX)
    github.forge.publish(github.change(), github.review(fix))
    ((body,),) = [[c.body for c in one.comments] for one in github.double.reviews]
    assert ("```suggestion" in body) is is_kept and "x = 1" in body


def test_comments_never_stand_on_deleted_lines(github) -> None:
    diff = github.diff.replace("+    return x + x\n", "-    return x\n+    return x + x\n", 1)
    github.push(github.next, diff.replace("-1,3 +1,5", "-1,4 +1,5"))
    github.forge.publish(github.change(github.next), github.review(github.comment(2, 3)))
    (posted,) = github.double.reviews[0].comments
    assert (posted.side, posted.start_side) == ("RIGHT", "RIGHT")


def test_there_is_one_summary_which_every_head_updates(github) -> None:
    github.forge.publish(github.change(), github.review(github.comment()))
    github.push(github.next, github.diff)
    later = replace(github.review(conclusion=Conclusion.PASSED), summary="All is well.\n")
    github.forge.publish(github.change(github.next), later)
    (told,) = github.double.issue_comments
    assert told.body.startswith("All is well.\n\n<!-- gavel:")
    github.forge.publish(github.change(github.next), later)
    assert len(github.sent("PATCH", "/issues/comments/")) == 1


def test_nothing_to_comment_on_begins_no_summary(github) -> None:
    github.forge.publish(github.change(), github.review(conclusion=Conclusion.PASSED))
    assert github.double.issue_comments == ()


def test_threads_of_code_that_is_gone_are_closed_and_told_as_closed(github) -> None:
    github.forge.publish(github.change(), github.review(github.comment()))
    (ours,) = github.forge.comments(github.change())
    assert not ours.is_resolved
    gone = replace(github.review(conclusion=Conclusion.PASSED), resolve=(ours.id,))
    github.forge.publish(github.change(), gone)
    github.forge.publish(github.change(), gone)
    assert list(github.double.threads.values()) == [True]
    assert [one.is_resolved for one in github.forge.comments(github.change())] == [True]
    closed = [one for one in github.double.requests if "mutation" in str(one.body.get("query"))]
    assert len(closed) == 1


def test_threads_that_may_not_be_closed_lose_no_review(github) -> None:
    github.forge.publish(github.change(), github.review(github.comment()))
    (ours,) = github.forge.comments(github.change())
    limited = type(github)(permissions=frozenset({CHECKS, "issues"}))
    limited.double.post_review(github.double.reviews[0])
    gone = replace(limited.review(conclusion=Conclusion.PASSED), resolve=(ours.id,))
    limited.forge.publish(limited.change(), gone)
    assert limited.check() == "passes" and list(limited.double.threads.values()) == [False]
    limited.close()


def test_more_threads_than_one_page_are_all_known(github) -> None:
    many = [github.comment(2, 3, fp=f"{number:016x}") for number in range(130)]
    github.forge.publish(github.change(), github.review(*many))
    ids = tuple(one.id for one in github.forge.comments(github.change()))
    gone = replace(github.review(conclusion=Conclusion.PASSED), resolve=ids)
    github.forge.publish(github.change(), gone)
    assert set(github.double.threads.values()) == {True}


def test_a_check_has_a_button_that_judges_again(github) -> None:
    github.forge.publish(github.change(), github.review(conclusion=Conclusion.PASSED))
    (action,) = github.double.check_runs[0].actions
    assert action["identifier"] == "review"


def test_a_token_without_checks_says_no_word_about_buttons(github) -> None:
    limited = type(github)(permissions=frozenset({REVIEWS, "statuses"}))
    limited.forge.publish(limited.change(), limited.review(conclusion=Conclusion.PASSED))
    assert limited.double.statuses[-1].state == "success"
    limited.close()


@pytest.fixture(scope="module")
def schema():
    """GitHub's own GraphQL schema."""
    from graphql import build_schema

    from tests import npm

    try:
        path = npm.file_of(npm.GRAPHQL, "schema.graphql")
    except npm.NoNpm as reason:
        pytest.skip(str(reason))
    text = path.read_text(encoding="utf-8")
    return build_schema(text, assume_valid=True, assume_valid_sdl=True)


@pytest.mark.parametrize("query", [github_threads.THREADS, github_threads.RESOLVE])
def test_every_query_is_one_of_githubs_schema(schema, query) -> None:
    from graphql import parse, validate

    assert validate(schema, parse(query)) == []
