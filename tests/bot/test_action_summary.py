from __future__ import annotations

from bot.action_summary import summary
from judge.reliability import Bin, Reliability
from judge.types import Snippet, SnippetKind, Verdict
from worker.compose import compose
from worker.repo_config import Rules
from worker.types import Judged

SEEN = Reliability("1a2b3c4d", 'out of "fold"', (Bin(0.1, 0.2, 30), Bin(0.9, 0.85, 70)))


def told(path: str = "a.py", reliability: Reliability | None = SEEN, note: str = "") -> str:
    snippet = Snippet(path, "python", 1, 1, "x", SnippetKind.FUNCTION, "f", changed_lines=(1,))
    spoken = [Judged(snippet, Verdict(0.1, 0.0, "m@1a2b3c4d"))]
    assessment = compose(spoken, skipped=(), rules=Rules())
    return summary(assessment, note=note, reliability=reliability)


def test_the_summary_has_a_table_and_a_picture_from_measured_bins() -> None:
    text = told()
    assert "| `a.py` | 1-1 | `f` | **0.10** |" in text
    assert "```mermaid\nxychart-beta\n    title \"100 rows: out of 'fold'\"\n" in text
    assert 'x-axis "stated P(correct)" ["0.10", "0.90"]' in text
    assert "bar [0.20, 0.85]\n    line [0.10, 0.90]" in text


def test_without_measured_bins_there_is_no_picture() -> None:
    assert "mermaid" not in told(reliability=None)
    assert "mermaid" not in told(reliability=Reliability("1", "r", ()))


def test_a_note_of_where_the_review_went_is_said() -> None:
    assert "\n\nA note.\n\n" in told(note="A note.")


def test_nothing_of_the_change_leaves_its_cell() -> None:
    text = told("a|b\n\n# owned\n```mermaid\n<img src=x>.py")
    assert "\n# owned" not in text
    assert text.count("\n```mermaid") == 1
