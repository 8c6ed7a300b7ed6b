"""GitHub's limits: what is unchanged is not paid for again, and writes keep their distance."""

import pytest

from worker.forges.base import Unavailable
from worker.forges.etags import Etags
from worker.forges.github import GitHubForge
from worker.forges.github_api import GitHubApi, pace_of


def test_what_is_unchanged_costs_nothing_the_second_time(github) -> None:
    first = github.forge.describe(github.change())
    assert github.forge.describe(github.change()) == first
    assert [one.status for one in github.double.requests] == [200, 200, 304, 304]


def test_what_has_changed_is_read_anew(github) -> None:
    github.forge.describe(github.change())
    github.push(github.next, github.diff)
    assert github.forge.describe(github.change()).head_sha == github.next


def test_the_diff_and_the_description_of_a_change_are_kept_apart(github) -> None:
    for _ in range(2):
        assert github.forge.diff(github.change()) == github.diff
        assert github.forge.describe(github.change()).title == "Double it"


def test_only_the_newest_answers_are_kept_and_none_that_is_large() -> None:
    kept = Etags(most=2)
    for path in ("/a", "/b", "/c"):
        kept.keep((path, "", ""), {"etag": "x"}, path)
    kept.keep(("/d", "", ""), {"etag": "x"}, "x" * 100_001)
    kept.keep(("/e", "", ""), {}, "no tag")
    found = [path for path in "abcde" if kept.find((f"/{path}", "", ""))]
    assert found == ["b", "c"]


def test_a_write_beyond_the_limit_is_left_to_a_later_try(github, tmp_path) -> None:
    memory = tmp_path / "pace.json"
    memory.write_text(str([2e9 - n / 10 for n in range(80)][::-1]))
    pace = pace_of(memory, gap_s=1.0)
    pace._clock = lambda: 2e9 + 1
    forge = GitHubForge(GitHubApi(github.client, pace=pace))
    forge.describe(github.change())
    with pytest.raises(Unavailable, match="as much was written"):
        forge.announce(github.change())
    assert github.sent("POST", "/check-runs") == []
