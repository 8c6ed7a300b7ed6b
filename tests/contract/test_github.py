"""What GitHub alone asks of a review: one batch, its lines, its limits, its author."""

from dataclasses import replace

import pytest

from bot.demo.github_double_state import Review as PostedReview
from worker.forges.base import Unavailable
from worker.types import Conclusion


def test_a_review_carries_its_commit_event_and_sides(github) -> None:
    github.forge.publish(github.change(), github.review(github.comment(2, 3)))
    (body,) = github.sent("POST", "/reviews")
    assert (body["commit_id"], body["event"]) == (github.head, "COMMENT")
    (comment,) = body["comments"]
    lines = {"line": 3, "side": "RIGHT", "start_line": 2, "start_side": "RIGHT"}
    assert {key: comment[key] for key in lines} == lines


def test_a_comment_on_one_line_has_no_start(github) -> None:
    github.forge.publish(github.change(), github.review(github.comment(2, 2)))
    (body,) = github.sent("POST", "/reviews")
    assert "start_line" not in body["comments"][0]


@pytest.mark.parametrize(("count", "batches"), [(50, [50]), (51, [50, 1]), (120, [50, 50, 20])])
def test_annotations_go_in_batches_of_fifty(github, count, batches) -> None:
    github.forge.publish(github.change(), github.review(annotations=count))
    sent = [body["output"]["annotations"] for body in github.sent("PATCH", "/check-runs/")]
    assert [len(rows) for rows in sent] == batches
    assert [row["title"] for row in github.double.check_runs[0].annotations] == [
        f"t{number}" for number in range(count)
    ]


def test_a_check_is_concluded_only_with_its_last_annotations(github) -> None:
    github.forge.publish(github.change(), github.review(annotations=51))
    first, last = github.sent("PATCH", "/check-runs/")
    assert "conclusion" not in first and last["conclusion"] == "neutral"


def test_an_interrupted_check_goes_on_where_it_stopped(github) -> None:
    review = github.review(annotations=120)
    github.double.fail_next(502, method="PATCH", is_late=True)
    with pytest.raises(Unavailable):
        github.forge.publish(github.change(), review)
    github.forge.publish(github.change(), review)
    assert len(github.double.check_runs[0].annotations) == 120
    assert github.check() == "neutral"


def test_a_second_judgement_of_a_head_shows_its_own_annotations_alone(github) -> None:
    github.forge.publish(github.change(), github.review(annotations=1))
    second = github.review(conclusion=Conclusion.FAILED, annotations=2)
    github.double.fail_next(502, method="PATCH", path="/check-runs/")
    with pytest.raises(Unavailable):
        github.forge.publish(github.change(), second)
    first = github.forge.publish(github.change(), second)
    assert github.forge.publish(github.change(), second) == first
    shown = [len(run.annotations) for run in github.double.check_runs]
    assert shown == [1, 2] and github.check() == "blocks"


def test_a_review_whose_answer_was_lost_is_not_posted_again(github) -> None:
    review = github.review(github.comment())
    github.double.fail_next(502, method="POST", path="/reviews", is_late=True)
    with pytest.raises(Unavailable):
        github.forge.publish(github.change(), review)
    published = github.forge.publish(github.change(), review)
    assert len(github.reviews()) == 1
    assert published.review_id == str(github.double.reviews[0].id)


def test_a_judgement_that_is_required_asks_for_a_person(github) -> None:
    unjudged = github.review(conclusion=Conclusion.NOT_JUDGED, requires_judgement=True)
    github.forge.publish(github.change(), unjudged)
    assert github.double.check_runs[0].conclusion == "action_required"


def test_a_failed_gate_annotates_as_failures(github) -> None:
    github.forge.publish(
        github.change(), github.review(conclusion=Conclusion.FAILED, annotations=1)
    )
    assert github.double.check_runs[0].annotations[0]["annotation_level"] == "failure"


def test_a_summary_that_is_too_long_is_cut_with_a_sentence(github) -> None:
    long = replace(github.review(github.comment()), summary="line\n" * 20_000)
    github.forge.publish(github.change(), long)
    summary = github.double.check_runs[0].summary
    assert len(summary) <= 65_535 and "The rest is left out" in summary
    assert "The rest is left out" in github.reviews()[0]


def forged(stage, body, login="mallory", **comment):
    return PostedReview(
        id=1, repo=stage.repo, number=stage.number, commit_id=stage.head, event="COMMENT",
        body=body, author=login, **comment,
    )  # fmt: skip


def test_a_hidden_line_that_somebody_else_wrote_does_not_silence_us(github) -> None:
    github.double.post_review(forged(github, f"<!-- gavel:head={github.head} -->"))
    github.forge.publish(github.change(), github.review(github.comment()))
    assert len(github.inline()) == 1


def test_a_comment_of_somebody_else_is_not_ours(github) -> None:
    github.forge.publish(github.change(), github.review(github.comment()))
    (ours,) = github.double.reviews[0].comments
    theirs = replace(ours, id=5, author="mallory", body="<!-- gavel:fp=" + "e" * 16 + " -->")
    github.double.post_review(forged(github, "hello", comments=(theirs,)))
    assert [c.fingerprint for c in github.forge.comments(github.change())] == ["a" * 16]


def test_more_comments_than_one_page_are_all_found(github) -> None:
    many = [github.comment(2, 3, fp=f"{number:016x}") for number in range(130)]
    github.forge.publish(github.change(), github.review(*many))
    assert len(github.forge.comments(github.change())) == 130


@pytest.mark.parametrize(
    "data", [b"\0binary", b"\xff\xfe not UTF-8", b"x" * 1_000_001], ids=["nul", "latin", "large"]
)
def test_a_binary_or_too_large_file_is_none(github, data) -> None:
    files = {github.next: {"data": data}}
    github.double.push(
        repo=github.repo, number=github.number, head_sha=github.next, diff="", files=files
    )
    assert github.forge.file(github.change(), "data", sha=github.next) is None


def test_a_folder_is_not_a_file(github) -> None:
    assert github.forge.file(github.change(), "with space", sha=github.head) is None


@pytest.mark.parametrize("path", ["../../../user", "/etc/passwd", "a/./b", "a//b", ""])
def test_a_path_never_leads_to_another_endpoint(github, path) -> None:
    assert github.forge.file(github.change(), path, sha=github.head) is None
    assert github.double.requests == ()


def test_a_path_with_url_characters_is_one_path(github) -> None:
    assert github.forge.file(github.change(), "a?b#c%2e.py", sha=github.head) is None
    assert github.double.requests[-1].path.endswith("/contents/a?b#c%2e.py")


def test_comments_on_a_diff_that_is_not_served_are_told_in_the_summary(github) -> None:
    github.push(github.next, github.diff + "\n" * 20_001)
    github.forge.publish(github.change(github.next), github.review(github.comment()))
    assert github.inline() == [] and "Words about" in github.reviews()[0]
