"""How the demo looks, whatever a change contains."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from rich.console import Console, RenderableType

from bot.demo import show
from bot.demo.compare import Comparison, HowItEnded
from bot.demo.github_double_state import CheckRun, Comment
from bot.demo.memory import Peak
from judge.types import Snippet, SnippetKind, Verdict
from worker.jobs import ChangeRef
from worker.store.reviews import StoredReview
from worker.types import Conclusion, Judged, State

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def printed(what: RenderableType) -> str:
    out = io.StringIO()
    Console(file=out, width=120, force_terminal=False).print(what)
    return out.getvalue()


def test_a_verdict_shows_its_place_and_probability() -> None:
    snippet = Snippet("a.py", "python", 3, 9, "def f(): …", SnippetKind.FUNCTION, name="f")
    text = printed(show.verdicts([Judged(snippet, Verdict(0.27, -1, "m"))], threshold=0.5))
    assert "a.py:3-9" in text
    assert "0.27" in text


def test_an_abstention_shows_its_reason() -> None:
    snippet = Snippet("a.py", "python", 3, 9, "def f(): …", SnippetKind.FUNCTION, name="f")
    verdict = Verdict(0.5, 0, "m", abstained=True, reason="too long")
    assert "abstained: too long" in printed(
        show.verdicts([Judged(snippet, verdict)], threshold=0.5)
    )


def test_a_comment_shows_where_it_stands_and_sends_no_terminal_code() -> None:
    comment = Comment(
        1, 1, "o/r", 7, "sha", "a\x1b[2J.py", "Likely **wrong** \x1b[31m[x](http://e)", "g", 9,
        "RIGHT", start_line=3,
    )  # fmt: skip
    text = printed(show.comments([comment]))
    assert "a.py:3-9" in text
    assert "Likely wrong" in text
    assert "\x1b" not in text


def test_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    snippet = Snippet("[red].py", "", 1, 1, "x", SnippetKind.HUNK, name="[/bold]")
    text = printed(show.verdicts([Judged(snippet, Verdict(0.9, 1, "m"))], threshold=0.5))
    assert "[red].py:1-1" in text
    assert "[/bold]" in text


def test_the_check_shows_its_conclusion() -> None:
    run = CheckRun(1, "o/r", "Gavel", "sha", status="completed", conclusion="neutral", title="2")
    assert "Check Gavel: neutral - 2 (0 annotations)" in printed(show.check(run))


def test_the_cost_names_every_stage_and_both_sizes() -> None:
    review = StoredReview(
        1, ChangeRef("github", "o/r", 7, "s"), None, "", State.PUBLISHED, "", Conclusion.ADVISED, 0,
        0, "", "", None, False, "1", "2", ("3",), 0.5, 12.34, 1.0, NOW, NOW,
    )  # fmt: skip
    peak = Peak(3 << 30, 500 << 20, 11, scoring_private=200 << 20)
    text = printed(show.cost(review, peak, whole_s=15.0))
    assert "prepare 0.5 s, score 12.3 s, publish 1.0 s; from delivery to review 15.0 s" in text
    assert "3.00 GiB at most for all 11 processes (proportional)" in text
    assert "scoring process alone (resident; 200 MiB its own" in " ".join(text.split())


def test_a_recorded_outcome_is_marked_as_such() -> None:
    row = Comparison("f", "a.py", 0.2, "likely wrong", HowItEnded(False, "assert f()", False), True)
    text = printed(show.comparison([row]))
    assert "fail (recorded)" in text
    assert "assert f()" in text
