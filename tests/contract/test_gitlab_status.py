"""How a review ends on GitLab: statuses, pipelines, external checks, and missing permissions."""

import pytest

from tests.doubles.gitlab.call import NEWEST, SKIPPED, STATUS_CHECKS
from tests.doubles.gitlab.server import NOTES, STATUSES
from worker.forges.base import Forbidden, Unavailable
from worker.jobs import GroupRef
from worker.types import Conclusion


@pytest.fixture
def limited(request, gitlab):
    """The stage of a token that may write only what the test's parameter says."""
    staged = type(gitlab)(permissions=request.param)
    yield staged
    staged.close()


def publish(stage, *comments, **given):
    return stage.forge.publish(stage.change(), stage.review(*comments, **given))


def newest(stage):
    return stage.double.state.statuses[-1]


@pytest.mark.parametrize(
    ("conclusion", "required", "state", "words"),
    [
        (Conclusion.PASSED, False, "success", "1 of 1"),
        (Conclusion.FAILED, False, "failed", "1 of 1"),
        (Conclusion.ADVISED, False, "success", "Advice: 1 of 1"),
        (Conclusion.NOT_JUDGED, False, "skipped", "1 of 1"),
        (Conclusion.NOT_JUDGED, True, "failed", "1 of 1"),
    ],
)
def test_a_status_never_shows_an_unjudged_change_as_green(
    gitlab, conclusion, required, state, words
) -> None:
    publish(gitlab, conclusion=conclusion, requires_judgement=required)
    assert (newest(gitlab).name, newest(gitlab).status) == ("gavel/review", state)
    assert newest(gitlab).description.startswith(words)


def test_a_server_that_does_not_know_skipped_shows_canceled(gitlab) -> None:
    gitlab.double.features = NEWEST - {SKIPPED}
    publish(gitlab, conclusion=Conclusion.NOT_JUDGED)
    assert newest(gitlab).status == "canceled"


def test_a_status_goes_into_the_pipeline_of_the_head(gitlab) -> None:
    gitlab.seeded.pipeline = {"id": 31, "sha": gitlab.head, "ref": "refs/merge-requests/7/head"}
    publish(gitlab)
    assert (newest(gitlab).pipeline_id, newest(gitlab).ref) == (31, "refs/merge-requests/7/head")


def test_a_pipeline_of_another_commit_gets_no_status_of_ours(gitlab) -> None:
    gitlab.seeded.pipeline = {"id": 31, "sha": "9" * 40, "ref": "refs/merge-requests/7/merge"}
    publish(gitlab)
    assert (newest(gitlab).pipeline_id, newest(gitlab).ref) == (None, "change")


def test_a_pipeline_that_takes_no_status_is_gone_around(gitlab) -> None:
    gitlab.seeded.pipeline = {"id": 31, "sha": gitlab.head, "ref": "refs/merge-requests/7/head"}
    gitlab.double.fail_next(404, method="POST", path="/statuses/")
    publish(gitlab)
    assert newest(gitlab).pipeline_id is None and gitlab.check() == "neutral"


def test_a_status_that_stands_already_is_not_an_error(gitlab) -> None:
    gitlab.double.fail_next(
        400, method="POST", path="/statuses/",
        body='{"message": "Cannot transition status via :enqueue from :pending"}', is_late=True,
    )  # fmt: skip
    gitlab.forge.announce(gitlab.change())
    assert gitlab.check() == "running"


def test_a_status_that_was_announced_ends_as_skipped(gitlab) -> None:
    gitlab.forge.announce(gitlab.change())
    gitlab.forge.conclude(gitlab.change(), gitlab.review(conclusion=Conclusion.NOT_JUDGED))
    assert newest(gitlab).status == "skipped" and gitlab.check() == "neutral"


def test_a_status_that_runs_already_cannot_be_skipped_and_is_canceled(gitlab) -> None:
    gitlab.forge.announce(gitlab.change())
    newest(gitlab).status = "running"
    gitlab.forge.conclude(gitlab.change(), gitlab.review(conclusion=Conclusion.NOT_JUDGED))
    assert newest(gitlab).status == "canceled" and gitlab.check() == "neutral"


def test_a_head_that_moves_before_its_external_check_is_answered_is_looked_at_again(gitlab) -> None:
    gitlab.double.add_status_check(gitlab.repo, "gavel")
    gitlab.double.fail_next(
        409, method="POST", path="/status_check_responses",
        body='{"message": "409 Conflict: SHA does not match HEAD of source branch"}',
    )  # fmt: skip
    with pytest.raises(Unavailable, match="409"):
        publish(gitlab)


def test_an_external_check_of_our_name_is_answered_for_this_head(gitlab) -> None:
    ours = gitlab.double.add_status_check(gitlab.repo, "Gavel")
    theirs = gitlab.double.add_status_check(gitlab.repo, "Compliance")
    publish(gitlab, conclusion=Conclusion.FAILED)
    assert (ours.status, ours.sha, theirs.status) == ("failed", gitlab.head, "pending")


@pytest.mark.parametrize(
    ("conclusion", "required", "word"),
    [
        (Conclusion.PASSED, False, "passed"),
        (Conclusion.ADVISED, False, "passed"),
        (Conclusion.NOT_JUDGED, False, "pending"),
        (Conclusion.NOT_JUDGED, True, "failed"),
    ],
)
def test_an_external_check_passes_only_what_was_judged(gitlab, conclusion, required, word) -> None:
    ours = gitlab.double.add_status_check(gitlab.repo, "gavel")
    publish(gitlab, conclusion=conclusion, requires_judgement=required)
    assert ours.status == word


def test_an_edition_without_external_checks_is_no_error(gitlab) -> None:
    gitlab.double.features = NEWEST - {STATUS_CHECKS}
    publish(gitlab, conclusion=Conclusion.PASSED)
    assert gitlab.check() == "passes"


@pytest.mark.parametrize("limited", [{NOTES}], indirect=True)
def test_without_statuses_the_summary_says_how_it_ends(limited) -> None:
    limited.forge.announce(limited.change())
    first = publish(limited, conclusion=Conclusion.PASSED)
    assert publish(limited, conclusion=Conclusion.PASSED) == first
    (said,) = limited.reviews()
    assert said.startswith("The summary.") and first.check_id == first.review_id != ""


@pytest.mark.parametrize("limited", [{STATUSES}], indirect=True)
def test_without_notes_the_status_still_says_how_it_ends(limited) -> None:
    published = publish(limited, limited.comment(), conclusion=Conclusion.FAILED)
    assert limited.check() == "blocks" and limited.threads() == []
    assert (published.review_id, published.comment_ids) == ("", ())


@pytest.mark.parametrize("limited", [set()], indirect=True)
def test_a_token_that_may_write_nothing_is_told_so(limited) -> None:
    with pytest.raises(Forbidden, match="lacks a scope or a role"):
        publish(limited)


def merged(stage):
    """A pipeline of the result of merging, and the reference to its commit."""
    sha = "c" * 40
    stage.seeded.diffs[sha] = ""
    stage.seeded.pipeline = {"id": 40, "sha": sha, "ref": "refs/merge-requests/7/merge"}
    return group(stage, sha)


def group(stage, sha: str = "") -> GroupRef:
    """What a pipeline on that commit, or on the head, waits as."""
    return GroupRef("gitlab", stage.repo, stage.number, sha or stage.head)


def test_the_pipeline_of_the_merged_result_gets_the_conclusion_too(gitlab) -> None:
    publish(gitlab, conclusion=Conclusion.FAILED)
    result = merged(gitlab)
    as_judged = gitlab.review(conclusion=Conclusion.FAILED, title="As judged on #7")
    first = gitlab.forge.conclude(result, as_judged)
    assert (newest(gitlab).pipeline_id, newest(gitlab).status) == (40, "failed")
    assert gitlab.forge.conclude(result, as_judged) == first != ""
    assert len(gitlab.double.state.statuses) == 2


def test_an_external_check_is_answered_for_the_head_alone(gitlab) -> None:
    ours = gitlab.double.add_status_check(gitlab.repo, "gavel")
    gitlab.forge.conclude(merged(gitlab), gitlab.review(conclusion=Conclusion.FAILED))
    assert ours.status == "pending" and newest(gitlab).status == "failed"


def test_a_second_pipeline_of_the_head_gets_the_same_words(gitlab) -> None:
    gitlab.seeded.pipeline = {"id": 31, "sha": gitlab.head, "ref": "refs/merge-requests/7/head"}
    publish(gitlab, conclusion=Conclusion.PASSED)
    gitlab.seeded.pipeline = {"id": 32, "sha": gitlab.head, "ref": "refs/merge-requests/7/head"}
    again = gitlab.review(conclusion=Conclusion.PASSED, title="As judged on #7")
    gitlab.forge.conclude(group(gitlab), again)
    gitlab.forge.conclude(group(gitlab), again)
    said = [(one.pipeline_id, one.description) for one in gitlab.double.state.statuses]
    assert said == [(31, "1 of 1 snippet likely wrong"), (32, "1 of 1 snippet likely wrong")]


def test_a_head_whose_review_goes_on_is_left_to_its_review(gitlab) -> None:
    never = gitlab.review(conclusion=Conclusion.NOT_JUDGED, title="As judged on #7")
    assert gitlab.forge.conclude(group(gitlab), never) == "" and gitlab.check() == ""
    gitlab.forge.announce(gitlab.change())
    assert gitlab.forge.conclude(group(gitlab), never) == "" and gitlab.check() == "running"
    assert gitlab.forge.conclude(gitlab.change(), never) and gitlab.check() == "neutral"
