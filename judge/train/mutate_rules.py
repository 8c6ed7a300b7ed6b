"""Decide where each kind of mutation can be made, and how. No I/O.

A rule looks at one node and gives edits: first byte, byte after the last, new text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from tree_sitter import Node

from judge.train.mutate_scope import Scope, is_same, text_of
from judge.train.mutate_tables import (
    ALTERNATIVES,
    ARGUMENTS,
    BLOCKS,
    COMPARING,
    COMPARISONS,
    CONDITIONAL,
    DROPPED,
    INTEGERS,
    LOOPS,
    NAMES,
    NO_FLOOR,
    OPERATING,
    OPERATORS,
    TRUTHS,
)

Edit = tuple[int, int, str]
Rule = Callable[[Node, Scope], Iterator[Edit]]
_COUNTERS = frozenset(
    ["update_expression", "inc_statement", "dec_statement", "augmented_assignment"]
)
_LOGICAL = frozenset({"and", "or", "&&", "||"})
_UNEVEN = frozenset({"-", "/", "//", "%"})
_NOT_BY_PLACE = frozenset(["keyword_argument", "comment", "line_comment", "block_comment"])


def comparison(node: Node, scope: Scope) -> Iterator[Edit]:
    """Another comparison in the place of one."""
    if node.type in COMPARING:
        for token in _tokens(node):
            for other in COMPARISONS.get(text_of(token), ()):
                yield token.start_byte, token.end_byte, other


def operator(node: Node, scope: Scope) -> Iterator[Edit]:
    """Another operator in the place of one. A loop's counter keeps its direction."""
    table = OPERATORS if scope.language == "python" else {**OPERATORS, **NO_FLOOR}
    if node.type not in OPERATING or (node.type in _COUNTERS and scope.is_inside(node, LOOPS)):
        return
    for token in _tokens(node):
        for other in table.get(text_of(token), ()):
            if other != "**" or scope.language == "python":
                yield token.start_byte, token.end_byte, other


def constant(node: Node, scope: Scope) -> Iterator[Edit]:
    """A neighbouring whole number, or the other truth value."""
    text = text_of(node)
    if node.type in INTEGERS and text.isdecimal() and len(text) < 10:
        value = int(text)
        up = scope.above(node)
        least = 1 if up is not None and up.type in ("unary_operator", "unary_expression") else 0
        others = {value + 1, value - 1, *((0, 1, 2) if value < 3 else ())} - {value}
        for other in sorted(others):
            if other >= least:
                yield node.start_byte, node.end_byte, str(other)
    elif node.type in TRUTHS:
        swap = {"true": "false", "false": "true", "True": "False", "False": "True"}
        yield node.start_byte, node.end_byte, swap[text]


def boundary(node: Node, scope: Scope) -> Iterator[Edit]:
    """One more or one less where a number bounds something, or no longer one more or less."""
    if node.type in ("binary_operator", "binary_expression") and len(node.children) == 3:
        left, sign, right = node.children
        if text_of(sign) in ("+", "-") and text_of(right) == "1":
            yield left.end_byte, node.end_byte, ""
        return
    if not scope.is_use(node) or not _bounds(node, scope):
        return
    for sign_text in (" + 1", " - 1"):
        yield node.end_byte, node.end_byte, sign_text


def variable(node: Node, scope: Scope) -> Iterator[Edit]:
    """Another variable that has a value there."""
    if not scope.is_use(node):
        return
    name = text_of(node)
    for other, since in scope.variables.items():
        if other not in (name, "_") and since < node.start_byte:
            yield node.start_byte, node.end_byte, other


def arguments(node: Node, scope: Scope) -> Iterator[Edit]:
    """Two neighbouring arguments, or the sides of what is not symmetric, exchanged."""
    if node.type in ARGUMENTS:
        plain = [one for one in node.named_children if one.type not in _NOT_BY_PLACE]
        for left, right in pairwise(plain):
            if text_of(left) != text_of(right):
                yield _exchanged(node, left, right)
    elif node.type in ("binary_operator", "binary_expression") and len(node.children) == 3:
        left, sign, right = node.children
        is_plain = not {left.type, right.type} & (INTEGERS | COMPARING | OPERATING)
        if text_of(sign) in _UNEVEN and is_plain and text_of(left) != text_of(right):
            yield _exchanged(node, left, right)


def condition(node: Node, scope: Scope) -> Iterator[Edit]:
    """Half of a condition dropped, or a condition turned round."""
    if node.type in ("boolean_operator", "binary_expression") and len(node.children) == 3:
        left, sign, right = node.children
        if text_of(sign) in _LOGICAL:
            yield node.start_byte, node.end_byte, text_of(left)
            yield node.start_byte, node.end_byte, text_of(right)
    elif node.type in ("not_operator", "unary_expression") and node.child_count == 2:
        sign, inner = node.children
        if text_of(sign) in ("not", "!"):
            yield node.start_byte, node.end_byte, text_of(inner)
    elif node.type in CONDITIONAL:
        yield from _turned(node, scope)


def branch(node: Node, scope: Scope) -> Iterator[Edit]:
    """A missing else, or a missing special case."""
    if node.type in ("else_clause", "elif_clause") and "if_statement" not in {
        child.type for child in node.children
    }:
        up = scope.above(node)
        if up is not None and up.type == "if_statement":
            before = max(c.end_byte for c in up.children if c.end_byte <= node.start_byte)
            yield before, node.end_byte, ""
    elif node.type == "if_statement" and node.child_by_field_name("alternative") is None:
        yield from _without(node, scope)


def statement(node: Node, scope: Scope) -> Iterator[Edit]:
    """A missing statement. What keeps a loop from running for ever stays."""
    only = node.named_child(0) if node.named_child_count == 1 else None
    if node.type not in DROPPED or (only is not None and only.type == "string"):
        return
    is_counter = any(child.type in _COUNTERS for child in (node, *node.children))
    if not (is_counter and scope.is_inside(node, LOOPS)):
        yield from _without(node, scope)


def missing_return(node: Node, scope: Scope) -> Iterator[Edit]:
    """An early return, or a value, that is missing."""
    if node.type == "return_statement":
        up = scope.above(node)
        if up is not None and not is_same(scope.function.body, up):
            yield from _without(node, scope)


def method(node: Node, scope: Scope) -> Iterator[Edit]:
    """Another function, method or member of the same family."""
    if node.type not in NAMES or scope.is_use(node):
        return
    name = text_of(node)
    if name in scope.variables:
        return
    for family in ALTERNATIVES:
        if name in family:
            for other in sorted(family - {name}):
                yield node.start_byte, node.end_byte, other


RULES: Sequence[tuple[str, Rule]] = (
    ("comparison", comparison),
    ("operator", operator),
    ("constant", constant),
    ("boundary", boundary),
    ("variable", variable),
    ("arguments", arguments),
    ("condition", condition),
    ("branch", branch),
    ("statement", statement),
    ("return", missing_return),
    ("method", method),
)


def _tokens(node: Node) -> Iterator[Node]:
    return (child for child in node.children if not child.is_named or child.type in ("not in",))


def _bounds(node: Node, scope: Scope) -> bool:
    """Whether `node` is a bound: an argument, an index, a side of an ordering, what is returned."""
    up = scope.above(node)
    if up is None:
        return False
    if up.type in ARGUMENTS | {"slice", "subscript", "subscript_expression", "array_access"}:
        return not is_same(up.named_child(0), node) or up.type in ARGUMENTS | {"slice"}
    if up.type in COMPARING:
        return any(text_of(token) in ("<", "<=", ">", ">=") for token in _tokens(up))
    return False


def _exchanged(node: Node, left: Node, right: Node) -> Edit:
    start = left.start_byte
    whole = (node.text or b"")[left.end_byte - node.start_byte : right.start_byte - node.start_byte]
    between = whole.decode("utf-8", "surrogatepass")
    return start, right.end_byte, text_of(right) + between + text_of(left)


def _turned(node: Node, scope: Scope) -> Iterator[Edit]:
    """`not` before a condition that is a name or a call; others have operators to turn."""
    found = node.child_by_field_name("condition")
    if found is None and node.type == "if_clause":
        found = node.named_child(0)
    while found is not None and found.type in ("parenthesized_expression", "condition_clause"):
        found = found.named_child(0)
    if found is not None and found.type in {"identifier", "subscript", "attribute"} | {
        "call",
        "call_expression",
        "method_invocation",
        "member_expression",
    }:
        sign = "not " if scope.language == "python" else "!"
        yield found.start_byte, found.start_byte, sign


def _without(node: Node, scope: Scope) -> Iterator[Edit]:
    """The lines of a statement gone, where others of the block stay."""
    up = scope.above(node)
    if up is None or up.type not in BLOCKS:
        return
    others = [one for one in up.named_children if one.type != "comment"]
    if len(others) < 2:
        return
    place = [one.id for one in others].index(node.id) if node.id in {o.id for o in others} else -1
    if place < 0:
        return
    if place + 1 < len(others):
        yield node.start_byte, others[place + 1].start_byte, ""
    else:
        yield others[place - 1].end_byte, node.end_byte, ""
