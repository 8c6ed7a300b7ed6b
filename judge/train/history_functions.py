"""Decide where the named functions of a file are, outermost ones alone. No I/O.

Much lighter than `judge.functions`, which looks at every node: a history has tens of thousands of
files.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass

from tree_sitter import Node

from judge import naming
from judge.bodies import body_of
from judge.languages import BY_NAME, Language, TooHard, tree_of
from judge.node_types import ALWAYS_ABOVE

MIN_LINES, MAX_LINES, MAX_CHARACTERS = 3, 120, 6_000
_VALUES = ("variable_declarator", "assignment_expression", "pair", "public_field_definition")


@dataclass(frozen=True, slots=True)
class Unit:
    """A function: its dotted name, its lines (1-based, inclusive) and its text."""

    name: str
    start_line: int
    end_line: int
    code: str


def units(text: str, language: str) -> dict[str, Unit]:
    """The named functions of MIN_LINES to MAX_LINES by name, without names that are there twice."""
    try:
        root = tree_of(text, language).root_node
    except (KeyError, TooHard):
        return {}
    spec, lines = BY_NAME[language], text.split("\n")
    found: dict[str, Unit] = {}
    met: Counter[str] = Counter()
    stack: list[tuple[Node, str, Node]] = [(root, "", root)]
    while stack:
        node, scope, start = stack.pop()
        if node.type in spec.functions or node.type in spec.closures:
            _add(node, start, scope, spec, lines, found, met)
            continue
        inner = scope
        if node.type in spec.containers:
            inner = naming.joined(scope, naming.container_name(node))
        above: Node | None = None
        for child in node.children:
            begin = start if _carries(node) else (above or child)
            stack.append((child, inner, begin))
            above = (above or child) if child.type in ALWAYS_ABOVE else None
    return {name: unit for name, unit in found.items() if met[name] == 1}


def said(code: str, language: str) -> tuple[str, ...]:
    """The words of `code`, without layout, comments and docstrings; without a grammar, its letters.

    Two pieces that say the same differ in nothing that runs, but for Python's indentation.
    """
    try:
        root = tree_of(textwrap.dedent(code), language).root_node
    except (KeyError, TooHard):
        return ("".join(code.split()),)
    spec = BY_NAME[language]
    words: list[str] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in spec.comments or (spec.has_docstrings and _is_docstring(node)):
            continue
        if node.children and not _has_text_between(node):
            stack.extend(reversed(node.children))
        elif node.text:
            words.append(node.text.decode("utf-8", "replace"))
    return tuple(words)


def _has_text_between(node: Node) -> bool:
    """Whether some of the node's text is of none of its children, as in texts with escapes."""
    at, text = node.start_byte, node.text or b""
    gaps = []
    for child in node.children:
        gaps.append(text[at - node.start_byte : child.start_byte - node.start_byte])
        at = child.end_byte
    return bool(b"".join([*gaps, text[at - node.start_byte :]]).strip())


def _is_docstring(node: Node) -> bool:
    inner = node.children
    return node.type == "expression_statement" and len(inner) == 1 and inner[0].type == "string"


def _carries(node: Node) -> bool:
    """Whether a function right inside `node` begins where `node` does."""
    return node.type in _VALUES or node.type in (
        "decorated_definition",
        "export_statement",
        "lexical_declaration",
        "variable_declaration",
        "expression_statement",
        "template_declaration",
    )


def _add(
    node: Node,
    start: Node,
    scope: str,
    spec: Language,
    lines: list[str],
    found: dict[str, Unit],
    met: Counter[str],
) -> None:
    own = naming.function_name(node) if node.type in spec.functions else _name_of_value(node)
    first, last = start.start_point.row + 1, node.end_point.row + 1
    if not own or body_of(node) is None:
        return
    name = naming.joined(scope, own)
    met[name] += 1  # whatever its length: the same name must mean the same function elsewhere
    if node.has_error or not MIN_LINES <= last - first + 1 <= MAX_LINES:
        return
    code = "\n".join(lines[first - 1 : last])
    if len(code) <= MAX_CHARACTERS:
        found[name] = Unit(name, first, last, code)


def _name_of_value(node: Node) -> str:
    up = node.parent
    if up is None or up.type not in _VALUES:
        return ""
    for name in ("name", "left", "key", "property"):
        target = up.child_by_field_name(name)
        if target is not None and target.text is not None:
            return target.text.decode("utf-8", "replace")[:80]
    return ""
