"""What GitLab tells of open merge requests that no delivery brought."""

from datetime import UTC, datetime

import pytest
from gitlab import Gitlab

from worker.forges.gitlab_api import GitLabApi, answered
from worker.forges.gitlab_changes import GitLabInbox
from worker.forges.gitlab_client import client
from worker.forges.inbox import Known
from worker.jobs import ChangeRef

LONG_AGO, LATELY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def inbox(gitlab):
    built: Gitlab = client("glpat-of-the-test", url=gitlab.url, ca_file=None, answered=answered)
    yield GitLabInbox(GitLabApi(built))
    built.session.close()


def add(gitlab, number: int, **given: object) -> None:
    change = gitlab.double.add_change(
        repo=gitlab.repo, number=number, head_sha=f"{number:040x}", base_sha=gitlab.base, diff=""
    )
    for name, value in given.items():
        setattr(change, name, value)


def test_open_merge_requests_that_are_no_drafts_and_have_a_head_are_listed(gitlab, inbox) -> None:
    add(gitlab, 8, draft=True)
    add(gitlab, 9, state="merged")
    add(gitlab, 10, head=None)
    (found,) = inbox.open_changes([Known(gitlab.repo, None)], since=LONG_AGO)
    assert found.change == ChangeRef("gitlab", gitlab.repo, gitlab.number, gitlab.head)
    assert inbox.ask_again(since=LONG_AGO) == 0


def test_those_that_nobody_touched_since_are_left_alone(gitlab, inbox) -> None:
    assert list(inbox.open_changes([Known(gitlab.repo, None)], since=LATELY)) == []
