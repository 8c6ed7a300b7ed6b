"""Decide what a function in a syntax tree is called, and where its declaration begins. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tree_sitter import Node

MAX_NAME_CHARS = 120

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
        "lexical_declaration",
        "variable_declaration",
        "assignment_expression",
        "expression_statement",
        "public_field_definition",
        "field_definition",
        "assignment",
        "pair",
    }
)
_SPACE = re.compile(r"\s+")


def joined(scope: str, name: str) -> str:
    """`name` inside `scope`, dotted; either may be ""."""
    return f"{scope}.{name}" if scope and name else scope or name


def container_name(node: Node) -> str:
    """Name of a class or namespace, or "" where it has none."""
    return _field_text(node, "name") or _field_text(node, "type")


def function_name(node: Node, *, is_closure: bool) -> tuple[str, bool]:
    """The name of a function, and whether it is its own rather than that of what it is given to."""
    if not is_closure:
        return _receiver(node) + (_declared_name(node) or _spoken(node)), True
    own = _field_text(node, "name")
    around, is_direct = node.parent, True
    while around is not None and around.type in _DIRECT | _CALLED:
        is_direct = is_direct and around.type in _DIRECT
        around = around.parent
    kind = around.type if around is not None else ""
    if around is not None and kind in _NAMED_BY:
        return _field_text(around, _NAMED_BY[kind]) or own, is_direct
    if around is not None and kind in _LOOSELY_NAMED_BY:
        return _field_text(around, _LOOSELY_NAMED_BY[kind]).strip("'\"") or own, False
    return own, False


def whole(node: Node) -> Node:
    """The declaration that `node` is the function of: `export const f = …`, `template <…> …`."""
    around = node.parent
    while around is not None and around.type in _WRAPPERS and _is_last(node, around):
        node, around = around, around.parent
    return node


def _is_last(node: Node, around: Node) -> bool:
    """Whether nothing else comes before `node` in `around` but what belongs to its declaration."""
    if around.type in ("lexical_declaration", "variable_declaration"):
        return around.named_child_count == 1
    return around.type != "pair" or around.start_point.row >= node.start_point.row - 1


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
