"""Decide how the demo looks on a terminal. No I/O. Text from the change is data, and made plain."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.demo.compare import Comparison, summary
from bot.demo.exhibit import Exhibit
from bot.demo.github_double_state import CheckRun, Comment
from bot.demo.memory import Peak
from worker.escape import plain
from worker.store.reviews import StoredReview
from worker.types import Judged

CONCLUSION_STYLE = {"success": "green", "failure": "red"}
AGREES = {True: Text("yes", "green"), False: Text("no", "red"), None: Text("-", "dim")}


def pull_request(exhibit: Exhibit) -> RenderableType:
    """The change, as its author opened it."""
    added = {path: 0 for path in exhibit.head if exhibit.head[path] != exhibit.base.get(path)}
    for path in added:
        before = len(exhibit.base.get(path, "").splitlines())
        added[path] = len(exhibit.head[path].splitlines()) - before
    text = Text()
    text.append(plain(exhibit.title), style="bold")
    text.append(f"\n{plain(exhibit.body, limit=600)}\n")
    for path, lines in added.items():
        text.append(f"\n  {plain(path)}  ")
        text.append(f"+{lines}", style="green")
    sampling = ", ".join(
        f"{name} {exhibit.settings[name]}" for name in ("temperature", "top_p", "seed")
    )
    text.append(
        f"\n\n{len(exhibit.functions)} functions, written by {exhibit.generator} ({sampling})",
        style="dim",
    )
    who = f"{exhibit.repo}#{exhibit.number} by {exhibit.author}"
    return Panel(text, title=Text(f"Pull request {plain(who)}"), title_align="left")


def verdicts(judged: Sequence[Judged], *, threshold: float) -> RenderableType:
    """Every judged snippet with P(correct), in the order of the diff."""
    table = Table(title=f"Verdicts (a comment below {threshold:.2f})", title_justify="left")
    table.add_column("snippet")
    table.add_column("lines")
    table.add_column("P(correct)", justify="right")
    table.add_column("")
    for one in judged:
        snippet, verdict = one.snippet, one.verdict
        p = verdict.p_correct
        style = "dim" if verdict.abstained else ("red" if p < threshold else "green")
        note = f"abstained: {plain(verdict.reason)}" if verdict.abstained else "█" * round(p * 20)
        table.add_row(
            Text(plain(snippet.name or "(lines)")),
            Text(f"{plain(snippet.path)}:{snippet.start_line}-{snippet.end_line}"),
            Text(f"{p:.2f}", style=style),
            Text(note, style=style),
        )
    return table


def comments(posted: Sequence[Comment]) -> RenderableType:
    """The comments as the forge has them, with their places."""
    panels: list[RenderableType] = [
        Text(f"Review: {len(posted)} comment{'' if len(posted) == 1 else 's'}", style="bold")
    ]
    for comment in posted:
        first = comment.start_line or comment.line
        lines = str(comment.line) if first == comment.line else f"{first}-{comment.line}"
        body = "\n".join(plain(line, limit=400) for line in comment.body.splitlines())
        panels.append(
            Panel(
                Markdown(body, hyperlinks=False),
                title=Text(f"{plain(comment.path)}:{lines}"),
                title_align="left",
                border_style="yellow",
            )
        )
    return Group(*panels)


def check(run: CheckRun) -> RenderableType:
    """How the check ended."""
    conclusion = run.conclusion or run.status
    text = Text("Check ", style="bold")
    text.append(f"{plain(run.name)}: ")
    text.append(conclusion, style=f"bold {CONCLUSION_STYLE.get(conclusion, 'yellow')}")
    text.append(f" - {plain(run.title or '')} ({len(run.annotations)} annotations)")
    return text


def cost(review: StoredReview, peak: Peak, *, whole_s: float) -> RenderableType:
    """How long each stage took, and what it took in memory."""
    stages = (
        ("prepare", review.prepare_s),
        ("score", review.score_s),
        ("publish", review.publish_s),
    )
    times = ", ".join(f"{name} {took:.1f} s" for name, took in stages if took is not None)
    of = "resident, shared pages counted in each" if peak.is_shared else "proportional"
    return Group(
        Text.assemble(("Time    ", "bold"), f"{times}; from delivery to review {whole_s:.1f} s"),
        Text.assemble(
            ("Memory  ", "bold"),
            f"{_size(peak.whole)} at most for all {peak.processes} processes ({of}), "
            f"{_size(peak.scoring)} for the scoring process alone (resident; "
            f"{_size(peak.scoring_private)} its own, the rest pages of files)",
        ),
    )


def comparison(rows: Sequence[Comparison]) -> RenderableType:
    """Which verdicts the tests confirm, and the count."""
    table = Table(title="What the tests say", title_justify="left")
    table.add_column("function")
    table.add_column("P(correct)", justify="right")
    table.add_column("said")
    table.add_column("tests")
    table.add_column("agree?")
    table.add_column("first failing test", overflow="fold")
    for row in rows:
        outcome = "pass" if row.tested.passed else "fail"
        table.add_row(
            Text(plain(row.name)),
            "-" if row.p_correct is None else f"{row.p_correct:.2f}",
            row.said,
            outcome if row.tested.was_run else f"{outcome} (recorded)",
            AGREES[row.agrees],
            Text("" if row.tested.passed else plain(row.tested.detail, limit=100), style="dim"),
        )
    return Group(table, Text(summary(rows)))


def _size(count: int) -> str:
    return f"{count / 2**30:.2f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
