"""Decide what a function in a syntax tree is called, and where its declaration begins. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

from tree_sitter import Node

MAX_NAME_CHARS = 120
MAX_CLIMB = 10  # nodes between a closure and what it is given to

# Where a closure gets a name from: the node around it, and the field of that node.
_NAMED_BY: Mapping[str, str] = {
    "variable_declarator": "name",
    "assignment_expression": "left",
    "assignment": "left",
    "public_field_definition": "name",
    "field_definition": "property",
    "init_declarator": "declarator",
    "let_declaration": "pattern",
    "var_spec": "name",
    "short_var_declaration": "left",
}
_LOOSELY_NAMED_BY: Mapping[str, str] = {"pair": "key"}
_DIRECT = frozenset({"parenthesized_expression", "expression_list"})
_CALLED = frozenset({"arguments", "argument_list", "call_expression", "call", "await_expression"})
_WRAPPERS = frozenset(
    {
        "decorated_definition",
        "export_statement",
        "template_declaration",
        "variable_declarator",
        "assignment_expression",
        "expression_statement",
        "public_field_definition",
        "field_definition",
        "assignment",
    }
)
_SPACE = re.compile(r"\s+")


def joined(scope: str, name: str) -> str:
    """`name` inside `scope`, dotted; either may be ""."""
    return f"{scope}.{name}" if scope and name else scope or name


def container_name(node: Node) -> str:
    """Name of a class or namespace, or "" where it has none."""
    return _field_text(node, "name") or _field_text(node, "type")


def function_name(node: Node) -> str:
    """The name that a function is declared with, or what kind of member it is."""
    return _receiver(node) + (_declared_name(node) or _spoken(node))


def closure_name(node: Node, ancestors: Iterable[Node]) -> tuple[str, bool]:
    """What a closure is called, and whether that is its own name.

    A closure that is assigned has the name as its own. One that is passed to a call, or stands in
    a table, only borrows the name of where the result goes.
    """
    own = _field_text(node, "name")
    is_direct = True
    for around in islice(ancestors, MAX_CLIMB):
        if around.type in _DIRECT or around.type in _CALLED:
            is_direct = is_direct and around.type in _DIRECT
        elif around.type in _NAMED_BY:
            return _field_text(around, _NAMED_BY[around.type]) or own, is_direct
        elif around.type in _LOOSELY_NAMED_BY:
            name = _field_text(around, _LOOSELY_NAMED_BY[around.type]).strip("'\"")
            return name or own, False
        else:
            break
    return own, False


def wraps(around: Node, node: Node) -> bool:
    """Whether `around` is the declaration that `node` is the function of: `export const f = …`."""
    if around.type in ("lexical_declaration", "variable_declaration"):
        return around.named_child_count == 1
    if around.type == "pair":
        return around.start_point.row >= node.start_point.row - 1
    return around.type in _WRAPPERS


def _declared_name(node: Node) -> str:
    name = node.child_by_field_name("name")
    if name is not None:
        return _shown(name)
    declarator = node.child_by_field_name("declarator")
    while declarator is not None:
        inner = declarator.child_by_field_name("declarator")
        if inner is None and declarator.type == "reference_declarator":
            inner = declarator.named_child(0)
        if inner is None:
            return _shown(declarator) if declarator.type != "function_declarator" else ""
        declarator = inner
    return ""


def _receiver(node: Node) -> str:
    """The type that a Go method belongs to, with a dot, or ""."""
    receiver = node.child_by_field_name("receiver")
    text = (receiver.text or b"").decode("utf-8", "replace") if receiver is not None else ""
    found = re.search(r"(\w+)\s*(?:\[[^\]]*\])?\s*,?\s*\)$", text)
    return f"{found.group(1)}." if found else ""


def _spoken(node: Node) -> str:
    """What a nameless member is: "operator", "indexer", "static"."""
    return node.type.partition("_")[0]


def _field_text(node: Node, field: str) -> str:
    child = node.child_by_field_name(field)
    return _shown(child) if child is not None else ""


def _shown(node: Node) -> str:
    text = (node.text or b"")[: 4 * MAX_NAME_CHARS].decode("utf-8", "replace")
    return _SPACE.sub(" ", text)[:MAX_NAME_CHARS]
