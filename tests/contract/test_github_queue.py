"""The merge queue of GitHub: a check on the group's head, and no word on the pull request."""

from worker.jobs import GroupRef
from worker.types import Conclusion

GROUP = "3" * 40


def test_a_groups_head_gets_its_own_concluded_check(github) -> None:
    github.double.add_commit(repo=github.repo, sha=GROUP)
    group = GroupRef("github", github.repo, github.number, GROUP)
    review = github.review(conclusion=Conclusion.PASSED)
    first = github.forge.conclude(group, review)
    assert github.forge.conclude(group, review) == first
    (run,) = github.double.check_runs
    assert (run.head_sha, run.conclusion, run.name) == (GROUP, "success", "Gavel")
    assert run.external_id == group.key
    assert github.double.reviews == github.double.issue_comments == ()
