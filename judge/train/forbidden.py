"""Decide which rows may never be used: those of the benchmarks that examine the judge. No I/O.

HumanEval in any language or translation, CoderEval and QuixBugs, the projects of BugsInPy, and
four libraries. Refused by what a row says of its origin and by the names of the functions that
those benchmarks ask for, of which only hashes are kept here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from judge.train.forbidden_names import HASHES

_BENCHMARKS = re.compile(
    r"human[\W_]*eval|coder[\W_]*eval|quix[\W_]*bugs|bugs[\W_]*in[\W_]*py(?![a-z])", re.IGNORECASE
)
# HumanEval-X numbers its tasks after the language.
_TASKS = re.compile(r"^(?:python|java|cpp|c\+\+|javascript|js|go|rust)/\d+$", re.IGNORECASE)
_PROJECTS = frozenset(
    (
        *("ansible", "black", "cookiecutter", "fastapi", "httpie", "keras", "luigi"),
        *("matplotlib", "pandas", "pysnooper", "sanic", "scrapy", "spacy", "thefuck"),
        *("tornado", "tqdm", "youtube-dl"),
        *("requests", "pydantic", "pydantic-core", "httpx", "urllib3"),
    )
)
_ORIGIN = (
    *("id", "task_id", "source", "repository", "repo", "project", "package", "url", "path"),
    *("dataset", "benchmark"),
)
_DEFINED = re.compile(
    r"\b(?:def|defp|defn|function|func|fn|fun|sub|proc|method)\s+(?:\([^()]*\)\s*)?([A-Za-z_]\w*)"
    r"|\b([A-Za-z_]\w*)\s*=\s*(?:async\s*)?(?:function\b|fn\b|lambda\b|\([^()]*\)[^(){};=]*=>|\w+\s*=>)"
    r"|\b([A-Za-z_]\w*)\s*(?:<[^<>(){};]*>\s*)?\((?:[^()]|\([^()]*\))*\)[^(){};=]*\{"
)


class ForbiddenRow(ValueError):
    """A row comes from what examines the judge; the message says which row and why."""


def refusal(row: Mapping[str, object]) -> str:
    """Why `row` may not be used, or "" where it may.

    Looks at the fields that name an origin, at `entry_point`, and at the functions that
    `prompt` and `code` define.
    """
    for name in _ORIGIN:
        value = row.get(name)
        if isinstance(value, str) and (found := _origin(value, is_task=name.endswith("id"))):
            return f"{name} {value!r} belongs to {found}"
    for function in _functions(row):
        if _hash(function) in HASHES:
            return f"function {function!r} is one that HumanEval or QuixBugs asks for"
    return ""


def refuse(rows: Iterable[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    """The rows, unchanged. Raises ForbiddenRow at the first that may not be used."""
    for number, row in enumerate(rows, 1):
        must_be_allowed(row, f"row {number}")
        yield row


def must_be_allowed(row: Mapping[str, object], where: str) -> None:
    """Raise ForbiddenRow, which begins with `where`, for a row that may not be used."""
    if why := refusal(row):
        raise ForbiddenRow(f"{where}: {why}: take it out, it examines the judge")


def is_forbidden_project(name: str) -> bool:
    """Whether a repository or package, as `name`, `owner/name` or an address, is out of bounds."""
    parts = re.split(r"[/\\:@#?\s\[\]=<>~!]+", name.lower())
    plain = (re.sub(r"[-_.]+", "-", part.removesuffix(".git")) for part in parts)
    return any(part in _PROJECTS for part in plain)  # names as PEP 503 compares them


def _origin(value: str, *, is_task: bool) -> str:
    if found := _BENCHMARKS.search(value):
        return found.group(0)
    if is_task and _TASKS.match(value):
        return "HumanEval-X"
    return "a project that examines the judge" if is_forbidden_project(value) else ""


def _functions(row: Mapping[str, object]) -> Iterator[str]:
    entry = row.get("entry_point")
    if isinstance(entry, str):
        yield entry
    for name in ("prompt", "code"):
        text = row.get(name)
        if isinstance(text, str):
            for match in _DEFINED.finditer(text):
                yield match.group(1) or match.group(2) or match.group(3)


def _hash(name: str) -> str:
    plain = name.replace("_", "").lower()
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:10]
