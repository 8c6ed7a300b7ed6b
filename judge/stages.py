"""Decide which candidates go on from one stage of staged verification to the next. No I/O.

Cheap filters come first (parse, compile, undefined names, examples), then the judge on what is
left, then the tests on its best few. A filter that no candidate of a task passes is skipped
there: what nobody passes may be the filter's own fault.
"""

from __future__ import annotations

import builtins
import re
import symtable
import warnings
from collections.abc import Mapping, Sequence

from judge.languages import BY_NAME, TooHard, tree_of

PASSED = "passed"  # the tests
TESTS = "tests"  # failed them
FILTERS = ("parse", "compile", "names", "examples")
BEST = 3  # candidates of a task that are tested
_MAX_CHARS = 64_000
_PLACES: Mapping[str, int] = {name: place for place, name in enumerate((*FILTERS, TESTS, ""))}
_GIVEN = frozenset((*dir(builtins), "__name__", "__file__", "__doc__", "self", "cls"))
_ASSIGNED = re.compile(r"^(?:import|from)\b.*$|^(\w+)\s*(?::[^=\n]*)?=", re.MULTILINE)


def place_of(stage: object) -> int:
    """How far a row came that fell at `stage`: more is better; what never fell comes before all
    that did, and what passed the tests before that.
    """
    if stage == PASSED:
        return len(_PLACES)
    return _PLACES.get(stage if isinstance(stage, str) else "", _PLACES[""])


def survivors(alive: Sequence[int], passes: Mapping[int, bool]) -> list[int]:
    """Those of `alive` that pass a filter; all of them where none does."""
    return [one for one in alive if passes[one]] or list(alive)


def parses(code: str, language: str) -> bool:
    """Whether the grammar of `language` reads `code` without an error; True without a grammar."""
    if language not in BY_NAME:
        return True
    try:
        return not tree_of(code, language).root_node.has_error
    except TooHard:
        return False


def compiles(code: str, language: str) -> bool:
    """Whether Python would compile `code`. Other languages are compiled where they are run."""
    if language != "python":
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code[:_MAX_CHARS], "candidate", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def undefined_names(code: str, language: str, *, given: str = "") -> list[str]:
    """The names that `code` reads and nothing defines, in Python; [] in other languages.

    given  what the task defines beside the code: its description, where that is code
    """
    if language != "python" or not compiles(code, language):
        return []
    table = symtable.symtable(code, "candidate", "exec")
    known = {one.get_name() for one in table.get_symbols() if one.is_assigned() or _binds(one)}
    if _imports_all(code):
        return []
    missing = _read_globally(table) - known - _GIVEN - _names_given(given)
    return sorted(missing)


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_imported() or symbol.is_namespace()


def _read_globally(table: symtable.SymbolTable) -> set[str]:
    """Names of every scope that are looked up among the globals."""
    found = {
        one.get_name()
        for one in table.get_symbols()
        if one.is_referenced() and (one.is_global() or table.get_type() == "module")
    }
    declared = {
        one.get_name()
        for one in table.get_symbols()
        if one.is_declared_global() and one.is_assigned()
    }
    for child in table.get_children():
        found |= _read_globally(child)
    return found - declared


def _imports_all(code: str) -> bool:
    return re.search(r"^\s*from\s+[\w.]+\s+import\s+\*", code, re.MULTILINE) is not None


def _names_given(text: str) -> set[str]:
    """Names that the description binds at the start of a line: imports, functions, classes."""
    found = set(re.findall(r"^(?:async\s+)?(?:def|class)\s+(\w+)", text, re.MULTILINE))
    for line in _ASSIGNED.finditer(text):
        words = re.findall(r"\w+", line.group())
        found |= set(words)
    return found
