"""What GitLab alone asks of a review: drafts, positions, one summary, threads, its author."""

from dataclasses import replace

import pytest

from judge.diff import parse
from tests.contract.gitlab_stage import USERNAME
from tests.doubles.gitlab.call import DRAFTS, FILE_POSITIONS, NEWEST, RAW_DIFFS
from worker.forges.base import Forbidden, Unavailable
from worker.types import Conclusion

NOTES = "/merge_requests/7/notes"
BOTH = (23, 24)


@pytest.fixture
def older(request, gitlab):
    """The stage of a GitLab that has not the features which the test's parameter names."""
    staged = type(gitlab)(features=NEWEST - request.param)
    yield staged
    staged.close()


def publish(stage, *comments, **given):
    return stage.forge.publish(stage.change(), stage.review(*comments, **given))


def positions(stage) -> list[dict[str, object]]:
    return [one.notes[0].position for one in stage.threads()]


def test_comments_are_drafted_and_published_at_once(gitlab) -> None:
    publish(gitlab, gitlab.comment(2, 3), gitlab.comment(23, 23, fp="b" * 16))
    paths = [one.path.rpartition("/")[2] for one in gitlab.double.state.requests
             if one.method != "GET" and "draft" in one.path]  # fmt: skip
    assert paths == ["draft_notes", "draft_notes", "bulk_publish"]
    assert len(gitlab.threads()) == 2 and gitlab.double.state.drafts == []


def test_an_added_line_has_one_number_and_a_line_of_context_both(gitlab) -> None:
    publish(gitlab, gitlab.comment(23, 23), gitlab.comment(24, 24, fp="b" * 16))
    added, context = positions(gitlab)
    assert (added.get("old_line"), added["new_line"]) == (None, 23)
    assert (context["old_line"], context["new_line"]) == (21, 24)


def test_a_range_stands_on_its_last_line_with_the_codes_of_both_ends(gitlab) -> None:
    publish(gitlab, gitlab.comment(*BOTH))
    (position,) = positions(gitlab)
    assert position["new_line"] == 24
    assert [position["line_range"][end]["new_line"] for end in ("start", "end")] == [23, 24]


@pytest.mark.parametrize("older", [{DRAFTS}], indirect=True)
def test_without_drafts_comments_are_posted_one_by_one(older) -> None:
    first = publish(older, older.comment(2, 3), older.comment(23, 23, fp="b" * 16))
    assert older.inline() == [("app.py", 2, 3), ("app.py", 23, 23)]
    assert publish(older, older.comment(2, 3), older.comment(23, 23, fp="b" * 16)) == first


@pytest.mark.parametrize("refusals", [1, 2])
def test_a_refused_position_becomes_a_comment_on_the_file(gitlab, refusals) -> None:
    gitlab.double.fail_next(400, method="POST", path="/draft_notes")
    if refusals == 2:
        gitlab.double.fail_next(400, method="POST", path="/discussions")
    publish(gitlab, gitlab.comment(2, 3))
    (thread,) = gitlab.threads()
    on_file = thread.notes[0].position["position_type"] == "file"
    assert on_file is (refusals == 2)
    assert ("`app.py` lines 2-3" in thread.notes[0].body) is on_file


@pytest.mark.parametrize("older", [{FILE_POSITIONS}], indirect=True)
def test_where_files_take_no_comments_a_refused_position_becomes_a_thread(older) -> None:
    older.double.fail_next(400, method="POST", path="/draft_notes")
    older.double.fail_next(400, method="POST", path="/discussions")
    publish(older, older.comment(2, 3))
    (thread,) = older.threads()
    assert thread.notes[0].position is None and thread.notes[0].resolvable
    assert "Words about aaaa" in thread.notes[0].body and older.check() == "neutral"


def test_a_line_outside_the_diff_goes_to_its_file_and_one_of_no_file_to_the_summary(gitlab) -> None:
    outside = [gitlab.comment(10, 11), gitlab.comment(2, 2, path="other.py", fp="b" * 16)]
    publish(gitlab, *outside)
    (thread,) = gitlab.threads()
    assert thread.notes[0].position["position_type"] == "file"
    assert thread.notes[0].body.startswith("`app.py` lines 10-11:")
    (said,) = gitlab.summaries()
    assert "Words about bbbb" in said.body and "gavel:fp" not in said.body


def test_a_suggestion_counts_from_the_last_line_of_its_range(gitlab) -> None:
    words = "```suggestion\nx = 1\n```\n\n<!-- gavel:fp=" + "a" * 16 + " -->"
    publish(gitlab, replace(gitlab.comment(2, 3), body=words))
    (thread,) = gitlab.threads()
    assert thread.notes[0].body.startswith("```suggestion:-1+0\nx = 1\n```")


def test_drafts_that_cannot_be_published_together_are_published_one_by_one(gitlab) -> None:
    gitlab.double.fail_next(403, method="POST", path="/bulk_publish")
    publish(gitlab, gitlab.comment(2, 3), gitlab.comment(23, 23, fp="b" * 16))
    assert len(gitlab.inline()) == 2 and gitlab.double.state.drafts == []


def test_a_draft_that_is_never_published_is_taken_back_and_said_otherwise(gitlab) -> None:
    gitlab.double.fail_next(403, method="POST", path="/bulk_publish")
    gitlab.double.fail_next(403, method="PUT", path="/publish")
    publish(gitlab, gitlab.comment(2, 3))
    assert len(gitlab.threads()) == 1 and gitlab.double.state.drafts == []


def test_what_a_person_has_pending_under_our_token_stays_pending(gitlab) -> None:
    gitlab.double.state.drafts.append(_draft(gitlab, "Let me think about this."))
    publish(gitlab, gitlab.comment(2, 3))
    (pending,) = gitlab.double.state.drafts
    assert pending.note == "Let me think about this." and len(gitlab.threads()) == 1


def test_drafts_of_an_interrupted_call_are_not_published_with_the_next(gitlab) -> None:
    gitlab.double.fail_next(502, method="POST", path="/bulk_publish")
    with pytest.raises(Unavailable):
        publish(gitlab, gitlab.comment(2, 3))
    assert len(gitlab.double.state.drafts) == 1
    publish(gitlab, gitlab.comment(2, 3))
    assert len(gitlab.threads()) == 1 and gitlab.double.state.drafts == []


def _draft(stage, text):
    from tests.doubles.gitlab.state import Draft

    return Draft(5, stage.repo, stage.number, text, USERNAME)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/bulk_publish"), ("POST", NOTES), ("POST", "/statuses/")],
)
def test_an_answer_that_was_lost_makes_nothing_twice(gitlab, method, path) -> None:
    gitlab.double.fail_next(502, method=method, path=path, is_late=True)
    with pytest.raises(Unavailable):
        publish(gitlab, gitlab.comment())
    publish(gitlab, gitlab.comment())
    state = gitlab.double.state
    assert (len(gitlab.threads()), len(gitlab.summaries()), len(state.statuses)) == (1, 1, 1)


def test_there_is_one_summary_and_every_head_brings_it_up_to_date(gitlab) -> None:
    publish(gitlab, gitlab.comment())
    gitlab.push(gitlab.next, gitlab.diff)
    clean = replace(gitlab.review(conclusion=Conclusion.PASSED), summary="All is well now.\n")
    gitlab.forge.publish(gitlab.change(gitlab.next), clean)
    (said,) = gitlab.reviews()
    assert said.startswith("All is well now.") and gitlab.next in said


def test_a_thread_on_code_that_is_gone_is_resolved_and_others_are_left_alone(gitlab) -> None:
    publish(gitlab, gitlab.comment(2, 3), gitlab.comment(23, 23, fp="b" * 16))
    first, second = gitlab.forge.comments(gitlab.change())
    gone = replace(gitlab.review(conclusion=Conclusion.PASSED), resolve=(first.id,))
    gitlab.forge.publish(gitlab.change(), gone)
    gitlab.forge.publish(gitlab.change(), gone)
    assert [c.is_resolved for c in gitlab.forge.comments(gitlab.change())] == [True, False]
    assert len(gitlab.sent("PUT", "/discussions/")) == 1
    assert second.is_resolved is False


def test_a_thread_that_may_not_be_resolved_does_not_lose_the_review(gitlab) -> None:
    publish(gitlab, gitlab.comment(2, 3))
    (ours,) = gitlab.forge.comments(gitlab.change())
    gitlab.double.fail_next(403, method="PUT", path="/discussions/")
    clean = replace(gitlab.review(conclusion=Conclusion.PASSED), resolve=(ours.id,))
    gitlab.forge.publish(gitlab.change(), clean)
    assert gitlab.check() == "passes"


def test_a_hidden_line_that_somebody_else_wrote_does_not_silence_us(gitlab) -> None:
    for mark in ("<!-- gavel:fp=" + "a" * 16 + " -->", f"<!-- gavel:summary={gitlab.head} -->"):
        gitlab.double.add_note(
            repo=gitlab.repo, number=gitlab.number, body=f"x\n\n{mark}", author="mallory"
        )
    publish(gitlab, gitlab.comment())
    assert len(gitlab.inline()) == 1 and len(gitlab.summaries()) == 1


def test_more_threads_than_one_page_are_all_found(gitlab) -> None:
    many = [gitlab.comment(2, 3, fp=f"{number:016x}") for number in range(101)]
    publish(gitlab, *many)
    assert len(gitlab.forge.comments(gitlab.change())) == 101


def test_a_path_never_leads_to_another_endpoint(gitlab) -> None:
    for path in ("../../../user", "/etc/passwd", "a/./b", "a//b", ""):
        assert gitlab.forge.file(gitlab.change(), path, sha=gitlab.head) is None
    assert gitlab.double.state.requests == []
    assert gitlab.forge.file(gitlab.change(), "a?b#c%2e.py", sha=gitlab.head) is None
    assert "/files/a%3Fb%23c%252e.py/raw" in gitlab.double.state.requests[-1].path


@pytest.mark.parametrize(
    "data", [b"\0binary", b"\xff\xfe not UTF-8", b"x" * 1_000_001], ids=["nul", "latin", "large"]
)
def test_a_binary_or_too_large_file_is_none(gitlab, data) -> None:
    gitlab.double.add_files(gitlab.repo, {gitlab.head: {"data": data}})
    assert gitlab.forge.file(gitlab.change(), "data", sha=gitlab.head) is None


@pytest.mark.parametrize("older", [{RAW_DIFFS}], indirect=True)
def test_an_older_gitlab_lists_the_files_of_the_same_diff(older) -> None:
    assert older.forge.diff(older.change()) == older.diff


@pytest.mark.parametrize("older", [{RAW_DIFFS}], indirect=True)
def test_a_change_of_more_files_than_gitlab_lists_is_not_judged_and_says_so(
    older, monkeypatch
) -> None:
    monkeypatch.setattr("tests.doubles.gitlab.rules.MAX_FILES", 1)
    older.push(older.next, older.diff + older.diff.replace("app.py", "z.py"))
    with pytest.raises(Forbidden, match="GitLab lists only 1 of the files"):
        older.forge.diff(older.change(older.next))


@pytest.mark.parametrize("older", [{RAW_DIFFS}], indirect=True)
def test_hunks_that_gitlab_leaves_out_are_made_from_both_texts(older) -> None:
    old = "".join(f"line {number}\n" for number in range(30))
    new = old.replace("line 20\n", "line 20\nnew line\n")
    older.double.add_files(older.repo, {older.base: {"app.py": old}, older.head: {"app.py": new}})
    older.seeded.withheld = frozenset({"app.py"})
    assert "+new line\n" in older.forge.diff(older.change())


@pytest.mark.parametrize("older", [{RAW_DIFFS}], indirect=True)
def test_of_a_file_that_is_too_large_only_its_added_lines_are_counted(older) -> None:
    older.seeded.withheld = frozenset({"app.py"})
    large = b"".join(b"line %d\n" % number for number in range(100_000))
    older.double.add_files(older.repo, {older.base: {"app.py": b"line 1\n"}})
    older.double.add_files(older.repo, {older.head: {"app.py": large}})
    (file,) = parse(older.forge.diff(older.change()))
    assert (file.path, file.withheld, file.hunks) == ("app.py", 99_999, ())


@pytest.mark.parametrize("older", [{RAW_DIFFS}], indirect=True)
def test_a_binary_file_whose_hunks_are_left_out_is_told_as_binary(older) -> None:
    older.seeded.withheld = frozenset({"app.py"})
    older.double.add_files(older.repo, {older.head: {"app.py": b"\0" * 2_000_000}})
    (file,) = parse(older.forge.diff(older.change()))
    assert file.is_binary


def test_a_head_that_gitlab_still_prepares_is_tried_again_soon(gitlab) -> None:
    gitlab.seeded.versions[-1].head = "9" * 40
    with pytest.raises(Unavailable, match="not yet") as caught:
        publish(gitlab, gitlab.comment())
    assert caught.value.retry_after_s == 2 and gitlab.threads() == []


def test_a_merge_request_without_a_source_branch_says_so(gitlab) -> None:
    gitlab.seeded.head = None
    gitlab.double.state.changes[gitlab.repo, gitlab.number].diffs[None] = ""
    with pytest.raises(Forbidden, match="source branch is gone"):
        gitlab.forge.describe(gitlab.change())
