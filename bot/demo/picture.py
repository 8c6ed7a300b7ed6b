"""Draw what the demo showed of the review as an SVG picture. Acts: writes one file."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, RenderableType

from bot.problems import WrongUse

WIDTH = 100  # columns
# A viewer's own monospace font will do: the picture loads nothing from anywhere.
WEB_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def svg(shown: Sequence[RenderableType], *, title: str) -> str:
    """The picture of a terminal that shows these, always the same for the same."""
    console = Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
        markup=False,
        emoji=False,
    )
    for one in shown:
        console.print(one)
    return WEB_FONT.sub("", console.export_svg(title=title))


def draw(path: Path, shown: Sequence[RenderableType], *, title: str) -> None:
    """Write the picture to `path`. Raises WrongUse where that cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(svg(shown, title=title), encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"the picture cannot be written to {path}: {error.strerror}") from error
