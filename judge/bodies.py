"""Decide which part of a syntax tree does work, and which only sets data. No I/O."""

from __future__ import annotations

from tree_sitter import Node

from judge.node_types import WORK


def is_data(node: Node) -> bool:
    """Whether a statement sets names to literals and other names, and does nothing else."""
    stack = list(node.named_children)
    if not any(child.type in ("assignment", "assignment_expression") for child in stack) and (
        node.type == "expression_statement"
    ):
        return False
    while stack:
        child = stack.pop()
        if child.type in WORK:
            return False
        if child.type not in ("type", "type_annotation"):
            stack.extend(child.named_children)
    return True


def body_of(node: Node) -> Node | None:
    """The part of a function that does the work, or None where it is only declared."""
    body = node.child_by_field_name("body")
    if body is not None:
        return body
    if node.type == "static_initializer":
        return node.named_child(0)
    accessors = node.child_by_field_name("accessors")
    if accessors is None:
        value = node.child_by_field_name("value")
        return value if value is not None and value.type == "arrow_expression_clause" else None
    works = any(accessor.child_by_field_name("body") for accessor in accessors.named_children)
    return accessors if works else None
