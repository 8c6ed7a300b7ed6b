"""What becomes of a review where a token may not write everything."""

import pytest

from bot.demo.github_double_door import CHECKS, ISSUES, REVIEWS, STATUSES
from worker.forges.base import Forbidden
from worker.types import Conclusion


@pytest.fixture
def limited(request, github):
    """The stage of a token that may write only what the test's parameter says."""
    staged = type(github)(permissions=frozenset(request.param))
    yield staged
    staged.close()


@pytest.mark.parametrize("limited", [{REVIEWS, STATUSES}], indirect=True)
def test_without_check_runs_a_commit_status_of_another_name_is_used(limited) -> None:
    review = limited.review(limited.comment(), conclusion=Conclusion.FAILED)
    limited.forge.announce(limited.change())
    limited.forge.announce(limited.change())
    limited.forge.publish(limited.change(), review)
    limited.forge.publish(limited.change(), review)
    assert [(s.context, s.state) for s in limited.double.statuses] == [
        ("gavel/review", "pending"),
        ("gavel/review", "failure"),
    ]
    assert limited.double.check_runs == () and len(limited.reviews()) == 1


@pytest.mark.parametrize("limited", [{STATUSES}], indirect=True)
@pytest.mark.parametrize(
    ("conclusion", "state", "words"),
    [
        (Conclusion.PASSED, "success", "1 of 1"),
        (Conclusion.ADVISED, "success", "Advice: 1 of 1"),
        (Conclusion.NOT_JUDGED, "error", "1 of 1"),
    ],
)
def test_a_status_never_shows_an_unjudged_change_as_green(
    limited, conclusion, state, words
) -> None:
    limited.forge.publish(limited.change(), limited.review(conclusion=conclusion))
    assert limited.double.statuses[-1].state == state
    assert limited.double.statuses[-1].description.startswith(words)


def test_a_permission_granted_meanwhile_makes_no_second_check(github) -> None:
    github.double.fail_next(403, method="POST", path="/check-runs")
    github.forge.announce(github.change())
    github.forge.publish(github.change(), github.review(conclusion=Conclusion.PASSED))
    assert github.double.check_runs == ()
    assert [one.state for one in github.double.statuses] == ["pending", "success"]


@pytest.mark.parametrize("limited", [{REVIEWS, ISSUES}], indirect=True)
def test_without_checks_and_statuses_one_comment_says_it(limited) -> None:
    limited.forge.announce(limited.change())
    limited.forge.publish(limited.change(), limited.review())
    limited.forge.publish(limited.change(), limited.review())
    (told,) = limited.double.issue_comments
    assert told.body.startswith("The summary.")


@pytest.mark.parametrize("limited", [{CHECKS}], indirect=True)
def test_without_reviews_the_check_still_says_everything(limited) -> None:
    limited.forge.publish(limited.change(), limited.review(limited.comment(), annotations=1))
    assert limited.check() == "neutral"
    assert len(limited.double.check_runs[0].annotations) == 1


@pytest.mark.parametrize("limited", [set()], indirect=True)
def test_a_token_that_may_write_nothing_is_told_so(limited) -> None:
    with pytest.raises(Forbidden, match="lacks a permission"):
        limited.forge.publish(limited.change(), limited.review())
