"""Decide which commits, and which code, a coding agent wrote. No I/O.

Commits are known by their author and trailers, code by the lines that such commits added.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from judge.diff import FileDiff
from judge.types import Snippet
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
GENERATED = re.compile(r"^[^\w\n]*generated with (.+)$", re.IGNORECASE | re.MULTILINE)
MAX_MESSAGE = 20_000  # characters of one message that are looked at
SHORTEST = 4  # characters: "}", "else" and the like tell nothing of who wrote a function


@dataclass(frozen=True, slots=True)
class Authorship:
    """What of a change agents wrote.

    names         of the agents, sorted; empty where no commit is by one
    fingerprints  of the snippets that they wrote, None: of all
    """

    names: tuple[str, ...] = ()
    fingerprints: frozenset[str] | None = None

    def covers(self, fingerprint: str) -> bool:
        """Whether an agent wrote that snippet, as far as one can tell."""
        return bool(self.names) and (self.fingerprints is None or fingerprint in self.fingerprints)


NOBODY = Authorship()
Added = Mapping[str, frozenset[str]]  # path -> lines that commits added, without indentation


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


def by_agents(commits: Iterable[Commit], *, more: Sequence[str] = ()) -> tuple[Commit, ...]:
    """Those of `commits` that an agent wrote or helped to write."""
    return tuple(one for one in commits if agents_of([one], more=more))


def added_by(files: Iterable[FileDiff]) -> Added:
    """The lines that commits added, from all of their files."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in files:
        lines = (
            line.text.strip() for hunk in file.hunks for line in hunk.lines if line.kind == "+"
        )
        found[file.path].update(lines)
    return {path: frozenset(lines) for path, lines in found.items()}


def wrote(snippets: Iterable[Snippet], added: Added) -> frozenset[str]:
    """Fingerprints of the snippets of which a changed line is one of those in `added`.

    A snippet of trivial lines alone counts where its file does: in doubt, the stricter threshold.
    """
    return frozenset(
        one.fingerprint for one in snippets if _is_among(one, added.get(one.path, frozenset()))
    )


def _is_among(snippet: Snippet, added: frozenset[str]) -> bool:
    text = snippet.code.split("\n")
    last = snippet.start_line + len(text)
    inside = [at for at in snippet.changed_lines if snippet.start_line <= at < last]
    lines = {text[at - snippet.start_line].strip() for at in inside}
    telling = {line for line in lines if len(line) >= SHORTEST}
    return bool(telling & added) if telling else bool(added)


def _signatures(commit: Commit) -> list[str]:
    message = commit.message[:MAX_MESSAGE]
    return [commit.author, *TRAILER.findall(message), *GENERATED.findall(message)]


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name.strip())}(?!\w)", re.IGNORECASE)
