"""Decide the Markdown of a run's summary: the review, and how far the judge can be trusted."""

from __future__ import annotations

from judge.reliability import Reliability
from worker.render import render
from worker.types import Assessment

MAX_SUMMARY = 1_000_000  # bytes; docs.github.com: 1 MiB for one step
NO_PICTURE = "How good this judge is has been measured only on the rows of its model card."


def summary(assessment: Assessment, *, note: str, reliability: Reliability | None) -> str:
    """The summary of a run, in Markdown; text from the change is escaped by `render`.

    note  one sentence of ours about where the review went, or ""
    """
    review = render(assessment, max_summary=MAX_SUMMARY // 4).summary  # four bytes a character
    parts = ["## Gavel", review.strip(), note, _trust(reliability)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _trust(reliability: Reliability | None) -> str:
    """The reliability diagram, which GitHub draws from its text."""
    if reliability is None or not reliability.bins:
        return NO_PICTURE
    labels = ", ".join(f'"{one.stated:.2f}"' for one in reliability.bins)
    seen = ", ".join(f"{one.seen:.2f}" for one in reliability.bins)
    stated = ", ".join(f"{one.stated:.2f}" for one in reliability.bins)
    return "\n".join(
        [
            "<details><summary>How far this judge's probabilities were right</summary>",
            "",
            "```mermaid",
            "xychart-beta",
            f'    title "{reliability.n:,} rows: {_word(reliability.rows)}"',
            f'    x-axis "stated P(correct)" [{labels}]',
            '    y-axis "share that was correct" 0 --> 1',
            f"    bar [{seen}]",
            f"    line [{stated}]",
            "```",
            "",
            "Bars: what was seen. Line: what a perfect judge would show. A bar below the line: the "
            "judge was too sure.",
            "",
            "</details>",
        ]
    )


def _word(text: str) -> str:
    return text.replace('"', "'").replace("\n", " ")
