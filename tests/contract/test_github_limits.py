"""GitHub's limits: what is unchanged is not paid for again, and writes keep their distance."""

import pytest

from worker.forges.base import Unavailable
from worker.forges.etags import Etags
from worker.forges.github import GitHubForge
from worker.forges.github_api import GitHubApi, pace_of
from worker.forges.pace import NO_LIMITS, FileMemory, Pace


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
    pace = pace_of(FileMemory(memory), gap_s=1.0)
    pace._clock = lambda: 2e9 + 1
    forge = GitHubForge(GitHubApi(github.client, pace=pace))
    forge.describe(github.change())
    with pytest.raises(Unavailable, match="as much was written"):
        forge.announce(github.change())
    assert github.sent("POST", "/check-runs") == []


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 2e9

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def two_workers(github, tmp_path, clock) -> list[GitHubForge]:
    memory = FileMemory(tmp_path / "pace.json")
    paces = [Pace(NO_LIMITS, memory, clock=lambda: clock.now, sleep=clock.sleep) for _ in range(2)]
    return [GitHubForge(GitHubApi(github.client, pace=pace)) for pace in paces]


def test_a_short_pause_that_github_asks_for_is_waited_for_even_by_a_write(github, tmp_path) -> None:
    clock = Clock()
    worker, _ = two_workers(github, tmp_path, clock)
    github.double.fail_next(403, path="/check-runs", method="POST", headers={"Retry-After": "3"})
    worker.announce(github.change())
    assert (clock.now, len(github.double.check_runs)) == (2e9 + 3, 1)


def test_a_long_pause_holds_for_whoever_acts_as_the_same_account(github, tmp_path) -> None:
    clock = Clock()
    worker, other = two_workers(github, tmp_path, clock)
    github.double.fail_next(429, headers={"Retry-After": "90"})
    with pytest.raises(Unavailable):
        worker.describe(github.change())
    asked = len(github.double.requests)
    clock.now += 50
    with pytest.raises(Unavailable, match="left alone") as caught:
        other.describe(github.change())
    assert (caught.value.retry_after_s, len(github.double.requests)) == (40, asked)
    clock.now += 40
    assert other.describe(github.change()).is_open


def test_a_job_that_writes_is_begun_anew_after_a_hiccup_and_says_nothing_twice(github) -> None:
    forge = GitHubForge(GitHubApi(github.client, hiccups=(0.1, 0.2), pause=lambda _: None))
    github.double.fail_next(502, path="/reviews", method="POST", is_late=True)
    github.double.fail_next(500, path="/check-runs", method="POST")
    forge.publish(github.change(), github.review(github.comment()))
    assert len(github.double.reviews) == 1
    assert [one.status for one in github.double.check_runs] == ["completed"]
