"""Decide how text from a change may appear in plain text and in Markdown. No I/O.

Text from a change is data. In plain text it loses terminal codes, control characters and the
marks that reverse reading order; in Markdown it stands in code spans, where a forge renders
no HTML, link or image and notifies nobody.
"""

from __future__ import annotations

import re
import unicodedata

TERMINAL_CODE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])?")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
HARMLESS = re.compile(r"(?!.*\b(?:www|https?)\b)[A-Za-z0-9 ,.;:()'%-]+", re.IGNORECASE)


def plain(text: str, *, limit: int = 300) -> str:
    """`text` on one line of at most `limit` characters, without control or bidi characters."""
    line = "".join(map(_visible, TERMINAL_CODE.sub("", text)))
    return shorten(" ".join(line.split()), limit)


def code_span(text: str, *, limit: int = 200) -> str:
    """`text` as Markdown code, at most `limit` characters of it."""
    inner = plain(text, limit=limit) or "?"
    longest = max((len(run) for run in re.findall("`+", inner)), default=0)
    pad = " " if inner.startswith("`") or inner.endswith("`") else ""
    fence = "`" * (longest + 1)
    return f"{fence}{pad}{inner}{pad}{fence}"


def code_cell(text: str, *, limit: int = 200) -> str:
    """`text` as Markdown code in a table: a pipe in it does not end the cell."""
    return code_span(text, limit=limit).replace("|", "\\|")


def prose(text: str, *, limit: int = 300) -> str:
    """`text` as a plain clause where it holds nothing that Markdown reads, else as code."""
    clause = plain(text, limit=limit)
    return clause if HARMLESS.fullmatch(clause) else code_span(clause, limit=limit)


def shorten(text: str, limit: int) -> str:
    """`text`, or its beginning with an ellipsis when it is longer than `limit` characters."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "\N{HORIZONTAL ELLIPSIS}"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if character.isspace() or category in {"Zl", "Zp", "Cc"}:
        return " "
    if category == "Cf":
        return ""  # bidi overrides, zero-width joiners, byte order marks
    return REPLACEMENT if category == "Cs" else character
