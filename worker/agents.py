"""Decide which commits a coding agent wrote, by their author and trailers. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from worker.escape import plain
from worker.types import Commit

# How agents sign, as seen in public commits: a name or an address that nobody else uses.
SIGNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "Copilot": r"\bcopilot(?:-swe-agent)?\[bot\]|\+copilot@users\.noreply|<copilot@github\.com>"
        r"|github copilot",
        "Claude": r"noreply@anthropic\.com|\bclaude\[bot\]|\bclaude code\b",
        "Cursor": r"cursoragent@cursor\.com|\bcursor agent\b|\bcursor\[bot\]",
        "Codex": r"(?:codex|noreply)@openai\.com|\bchatgpt-codex-connector\b|\bcodex\[bot\]",
        "Devin": r"\bdevin-ai-integration\b",
        "Jules": r"\bgoogle-labs-jules\b",
        "Gemini": r"\bgemini-code-assist\b|\bgemini-cli\b",
        "aider": r"\(aider\)|\baider@aider\.chat\b",
        "OpenHands": r"openhands@all-hands\.dev",
        "Amazon Q": r"\bamazon-q-developer\b",
        "Sweep": r"\bsweep-ai\[bot\]",
        "Windsurf": r"\bwindsurf-bot\b|\bcodeium\b",
    }.items()
}
TRAILER = re.compile(
    r"^(?:co-authored-by|co-developed-by|assisted-by|generated-by|made-with)\s*:\s*(.+)$",
    re.IGNORECASE | re.MULTILINE,
)
GENERATED = re.compile(r"^\W*generated with (.+)$", re.IGNORECASE | re.MULTILINE)
MAX_MESSAGE = 20_000  # characters of one message that are looked at


def agents_of(commits: Iterable[Commit], *, more: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of the agents that wrote or helped to write `commits`, sorted, each once.

    more  further names that a repository knows; they are found as whole words
    """
    known = {**SIGNS, **{plain(name, limit=60): _word(name) for name in more if name.strip()}}
    found = set()
    for commit in commits:
        signed = "\n".join(_signatures(commit))
        found |= {name for name, sign in known.items() if sign.search(signed)}
    return tuple(sorted(found))


def _signatures(commit: Commit) -> list[str]:
    message = commit.message[:MAX_MESSAGE]
    return [commit.author, *TRAILER.findall(message), *GENERATED.findall(message)]


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name.strip())}(?!\w)", re.IGNORECASE)
