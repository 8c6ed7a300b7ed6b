"""Decide which functions of a file are judged by themselves. No I/O.

A function is judged whole, with the closures and small functions inside it. Cut out alone, those
have lost what they close over. Two exceptions keep snippets at a size that can be judged:

* a function of NESTED_LINES or more inside one longer than WHOLE_LINES is judged by itself;
* a closure longer than WHOLE_LINES that holds other functions is a place, not a function: the
  wrapper of a module, the block of a test suite.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from judge.languages import TooHard
from judge.outline import Candidate, outline

WHOLE_LINES = 60  # a longer function may have functions inside it that are judged by themselves
NESTED_LINES = 10  # ... those that have at least this many lines
CLOSURE_LINES = 3  # a shorter closure, outside all functions, is judged as part of its hunk


@dataclass(frozen=True, slots=True)
class Function:
    """A function that is judged by itself.

    name        with the names of classes and functions around it, dotted; "" for a bare closure
    start_line  1-based, decorators, attributes and annotations included
    end_line    1-based, inclusive
    doc         its docstring, or the comment right above it, without marks; "" where it has none
    """

    name: str
    start_line: int
    end_line: int
    doc: str


def functions(text: str, language: str) -> tuple[Function, ...]:
    """The functions of `text` that are judged by themselves, outer before inner.

    Functions without a body, and those that the parser could not read, are left out. An unknown
    `language` has none, nor has text that takes too long to parse.
    """
    try:
        return chosen(outline(text, language).candidates)
    except (KeyError, TooHard):
        return ()


def chosen(candidates: Iterable[Candidate]) -> tuple[Function, ...]:
    """Those of `candidates`, given outer before inner, that are judged by themselves."""
    candidates = list(candidates)
    holders = {
        id(candidate.outer)
        for candidate in candidates
        if candidate.outer is not None and candidate.lines >= CLOSURE_LINES
    }
    units: dict[int, Candidate] = {}
    for candidate in candidates:
        is_place = (
            candidate.is_closure and candidate.lines > WHOLE_LINES and id(candidate) in holders
        )
        if not candidate.is_broken and not is_place and _stands_alone(candidate, units):
            units[id(candidate)] = candidate
    return tuple(
        Function(unit.name, unit.start_line, unit.end_line, unit.doc) for unit in units.values()
    )


def _stands_alone(candidate: Candidate, units: dict[int, Candidate]) -> bool:
    if candidate.is_closure and candidate.lines < CLOSURE_LINES:
        return False
    outer = candidate.outer
    while outer is not None and id(outer) not in units:
        outer = outer.outer
    if outer is None:
        return True
    return outer.lines > WHOLE_LINES and candidate.lines >= NESTED_LINES
