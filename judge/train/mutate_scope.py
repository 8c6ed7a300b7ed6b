"""Decide what a function of a syntax tree holds: its nodes, and the variables in reach. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from judge.bodies import body_of
from judge.languages import Language
from judge.train.mutate_tables import ASSIGNING, NAMES, NOT_A_USE, PARAMETERS


@dataclass(frozen=True, slots=True)
class Function:
    """An outermost function and the part of it that does the work."""

    node: Node
    body: Node

    @classmethod
    def all_of(cls, root: Node, spec: Language) -> Iterator[Function]:
        """The outermost functions of a tree, with or without a name."""
        stack = [root]
        while stack:
            node = stack.pop()
            body = body_of(node) if node.type in spec.functions | spec.closures else None
            if body is not None:
                yield cls(node, body)
            else:
                stack.extend(reversed(node.children))


@dataclass(slots=True)
class Scope:
    """A function's nodes with the nodes around them, and its variables.

    variables  name -> first byte from which on it has a value
    """

    function: Function
    language: str
    variables: dict[str, int] = field(default_factory=dict)
    _above: dict[int, Node] = field(default_factory=dict)
    _nodes: list[Node] = field(default_factory=list)

    def __post_init__(self) -> None:
        stack = [self.function.node]
        while stack:
            node = stack.pop()
            if self.function.body.start_byte <= node.start_byte < self.function.body.end_byte:
                self._nodes.append(node)
            for child in reversed(node.children):
                self._above[child.id] = node
                stack.append(child)
            for one in _set_by(node):
                self.variables.setdefault(text_of(one), one.start_byte)

    def nodes(self) -> Iterator[Node]:
        """The nodes of the body, outer before inner, in their order."""
        return iter(self._nodes)

    def above(self, node: Node) -> Node | None:
        """The node around `node`, or None at the function itself."""
        return self._above.get(node.id)

    def is_inside(self, node: Node, types: frozenset[str]) -> bool:
        """Whether a node of one of `types` is around `node`."""
        up = self.above(node)
        while up is not None:
            if up.type in types:
                return True
            up = self.above(up)
        return False

    def is_use(self, node: Node) -> bool:
        """Whether `node` reads one of the variables."""
        up = self.above(node)
        if node.type != "identifier" or up is None or text_of(node) not in self.variables:
            return False
        if any(is_same(up.child_by_field_name(name), node) for name in NOT_A_USE.get(up.type, ())):
            return False
        return not self._is_set(node)

    def _is_set(self, node: Node) -> bool:
        child, up = node, self.above(node)
        while up is not None and up.type not in ("block", "statement_block", "compound_statement"):
            if up.type in PARAMETERS:
                return True
            if up.type in ASSIGNING:
                return is_same(up.child_by_field_name(ASSIGNING[up.type]), child)
            child, up = up, self.above(up)
        return False


def text_of(node: Node) -> str:
    """The text of a node."""
    return (node.text or b"").decode("utf-8", "surrogatepass")


def is_same(one: Node | None, other: Node) -> bool:
    """Whether both are the same node of a tree."""
    return one is not None and one.id == other.id


def _set_by(node: Node) -> Iterator[Node]:
    """Names that get a value by this node itself."""
    if node.type in PARAMETERS:
        targets = list(node.named_children)
    elif node.type in ASSIGNING:
        found = node.child_by_field_name(ASSIGNING[node.type])
        targets = [found] if found is not None else []
    else:
        return
    for target in targets:
        yield from _names_in(target)


_OF_PATTERNS = frozenset(
    [
        "pattern_list",
        "tuple_pattern",
        "list_pattern",
        "expression_list",
        "array_pattern",
        "object_pattern",
        "reference_declarator",
        "pointer_declarator",
        "structured_binding_declarator",
    ]
)
_NAMED = ("name", "declarator", "left", "pattern")


def _names_in(target: Node) -> Iterator[Node]:
    if target.type in NAMES:
        yield target
    elif target.type in _OF_PATTERNS:
        for child in target.named_children:
            yield from _names_in(child)
    else:
        inner = next(filter(None, map(target.child_by_field_name, _NAMED)), None)
        if inner is None and target.type == "typed_parameter" and target.named_child_count:
            inner = target.named_child(0)
        if inner is not None and target.type not in ("function_declarator", "subscript"):
            yield from _names_in(inner)
