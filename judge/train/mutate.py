"""Decide which small edits turn a right function into one that may be wrong. No I/O.

Every edit changes one place and keeps names and style. Whether the outcome is really wrong is for
the tests of the task to say.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from judge.languages import BY_NAME, TooHard, tree_of
from judge.train.mutate_balance import Balance
from judge.train.mutate_rules import RULES
from judge.train.mutate_scope import Function, Scope
from judge.train.mutate_tables import WEIGHTS

CHOICES = 16


@dataclass(frozen=True, slots=True)
class Mutant:
    """A function with one small edit.

    kind    one of mutate_tables.WEIGHTS
    code    the whole function after the edit
    before  the text that was there, maybe empty
    after   the text that is there now, maybe empty
    """

    kind: str
    code: str
    before: str
    after: str


def mutants(code: str, language: str) -> list[Mutant]:
    """Every mutant of `code` that still parses, in the order of their places.

    Edits are made in the bodies of functions alone, never in a signature, a comment or a
    docstring. Nothing for an unknown language, or where `code` does not parse.
    """
    return list(_parsing(code, language, _proposals(code, language)))


def drawn(
    code: str, language: str, *, seed: str, at_most: int, balance: Balance | None = None
) -> list[Mutant]:
    """Up to `at_most` mutants, different in kind as far as there are such.

    The same `seed` and history of `balance` give the same mutants. Kinds are drawn by their
    weight, however many places they could be made at. `balance` picks each out of CHOICES.
    """
    generator = random.Random(seed)  # noqa: S311 - reproducible, nothing secret
    left = _proposals(code, language)
    chosen: list[Mutant] = []
    while left and len(chosen) < at_most:
        used = {one.kind for one in chosen}
        fresh = [one for one in left if one.kind not in used] or left
        choices = [*_parsing(code, language, _some(fresh, generator))]
        if not choices:
            left.clear()
        else:
            texts = [one.code for one in choices]
            one = choices[balance.best(code, texts) if balance is not None else 0]
            left.remove(one)
            chosen.append(one)
    return chosen


def _some(mutants_: Sequence[Mutant], generator: random.Random) -> list[Mutant]:
    """CHOICES of them, each of a kind drawn by its weight."""
    kinds: dict[str, list[Mutant]] = {}
    for one in mutants_:
        kinds.setdefault(one.kind, []).append(one)
    names = sorted(kinds)
    drawn_kinds = generator.choices(names, [WEIGHTS[name] for name in names], k=CHOICES)
    return [generator.choice(kinds[name]) for name in drawn_kinds]


def _proposals(code: str, language: str) -> list[Mutant]:
    source = code.encode("utf-8", "surrogatepass")
    try:
        root = tree_of(code, language).root_node
    except (KeyError, TooHard):
        return []
    if root.has_error:
        return []
    seen: set[str] = {code}
    found: list[Mutant] = []
    for function in Function.all_of(root, BY_NAME[language]):
        scope = Scope(function, language)
        for node in scope.nodes():
            for kind, rule in RULES:
                for start, end, text in rule(node, scope):
                    after = text.encode("utf-8", "surrogatepass")
                    new = (source[:start] + after + source[end:]).decode("utf-8", "surrogatepass")
                    if new not in seen:
                        seen.add(new)
                        before = source[start:end].decode("utf-8", "replace")
                        found.append(Mutant(kind, new, before, text))
    return found


def _parsing(code: str, language: str, proposals: Sequence[Mutant]) -> Iterator[Mutant]:
    for one in proposals:
        if not tree_of(one.code, language).root_node.has_error:
            yield one
