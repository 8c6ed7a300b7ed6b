"""Decide where a file's functions are, and which lines hold code, from its syntax tree. No I/O.

One walk over the tree, without recursion, because nesting is the author's choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from judge import naming
from judge.bodies import body_of, is_data
from judge.comments import comment_text, docstring_text
from judge.languages import BY_NAME, Language, tree_of
from judge.node_types import (
    ALWAYS_ABOVE,
    EMPTY_WORDS,
    INITIALIZERS,
    MAX_IDLE_CHARS,
    SETTINGS,
    STATEMENTS,
    STUBS,
)


@dataclass(slots=True)
class Candidate:
    """A function as the tree has it, before it is decided whether it is judged by itself.

    start_line, end_line  1-based, inclusive, decorators and attributes included
    is_closure            it has no name of its own
    is_broken             the parser could not make sense of all of it
    outer                 the function around it
    """

    name: str
    start_line: int
    end_line: int
    doc: str
    is_closure: bool
    is_broken: bool
    outer: Candidate | None

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.end_line - self.start_line + 1


@dataclass(slots=True)
class Outline:
    """What a file holds.

    candidates   every function with a body, outer before inner
    code_lines   1-based lines with code to judge: not blank, comment, docstring, import, brace,
                 head of a class, bare declaration, or empty function
    is_readable  False where nothing of the text made sense to the parser
    """

    candidates: list[Candidate] = field(default_factory=list)
    code_lines: set[int] = field(default_factory=set)
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class _Visit:
    """A node to look at, and where it was met.

    `Node.parent` and its siblings search from the root each time, so the way here is kept.

    up         the visit of the node around it
    scope      dotted name of the classes and functions around it
    outer      the function around it
    above      the first of the decorators and attributes right before it
    """

    node: Node
    up: _Visit | None
    scope: str
    outer: Candidate | None
    is_broken: bool
    above: Node | None = None

    @property
    def around(self) -> str:
        """Type of the node around it, or ""."""
        return self.up.node.type if self.up is not None else ""

    def ancestors(self) -> Iterator[Node]:
        """The nodes around it, innermost first."""
        up = self.up
        while up is not None:
            yield up.node
            up = up.up


def outline(text: str, language: str) -> Outline:
    """The outline of `text`. Raises KeyError for a language that is not known."""
    spec = BY_NAME[language]
    root = tree_of(text, language).root_node
    walk = _Walk(spec, text.split("\n"))
    walk.outline.is_readable = not (root.type == "ERROR" or root.child_count == 0)
    stack = [_Visit(root, None, "", None, root.type == "ERROR")]
    while stack:
        stack.extend(reversed(list(walk.look(stack.pop()))))
    for candidate, node in walk.undocumented:
        candidate.doc = candidate.doc or walk.comment_above(candidate, node)
    return walk.outline


class _Walk:
    """The state of one walk: what was found so far."""

    def __init__(self, spec: Language, lines: list[str]) -> None:
        self.spec = spec
        self.lines = lines
        self.outline = Outline()
        self.undocumented: list[tuple[Candidate, Node]] = []
        self.comments: dict[int, tuple[int, str]] = {}  # last line -> first line, text

    def look(self, visit: _Visit) -> Iterator[_Visit]:
        """Take down what the node says; give the children that are still to be looked at."""
        node, spec = visit.node, self.spec
        kind = node.type
        if kind in spec.comments:
            self._comment(node)
        elif kind in spec.imports or (visit.outer is None and self._is_bare(visit)):
            return
        elif kind in spec.containers and node.child_by_field_name("body"):
            yield from self._container(visit)
        elif kind in spec.containers and node.is_named and node.child_count:
            return
        elif kind in spec.functions or kind in spec.closures:
            yield from self._function(visit)
        elif node.child_count == 0 or kind == "string":
            if visit.around != "preproc_ifdef":
                self._leaf(node)
        else:
            yield from self._children(visit)

    def _children(self, visit: _Visit) -> Iterator[_Visit]:
        is_broken = visit.is_broken or visit.node.is_error
        skipped = self._docstring(visit.node)
        above: Node | None = None
        for child in visit.node.children:
            if skipped is None or child.id != skipped.id:
                yield _Visit(child, visit, visit.scope, visit.outer, is_broken, above)
            if child.type in ALWAYS_ABOVE:
                above = above or child
            elif child.type not in self.spec.comments:
                above = None

    def _container(self, visit: _Visit) -> Iterator[_Visit]:
        body = visit.node.child_by_field_name("body")
        if body is not None:
            scope = naming.joined(visit.scope, naming.container_name(visit.node))
            yield _Visit(body, visit, scope, visit.outer, visit.is_broken)

    def _function(self, visit: _Visit) -> Iterator[_Visit]:
        node = visit.node
        body = body_of(node)
        if body is None or self._is_stub(node, body):
            return
        if node.type in self.spec.closures:
            name, has_name = naming.closure_name(node, visit.ancestors())
        else:
            name, has_name = naming.function_name(node), True
        start = visit
        while start.up is not None and naming.wraps(start.up.node, start.node):
            start = start.up
        candidate = Candidate(
            name=naming.joined(visit.scope, name),
            start_line=_first_line(start.above or start.node),
            end_line=max(last_line(node), node.start_point.row + 1),
            doc="",
            is_closure=not has_name,
            is_broken=visit.is_broken or node.has_error,
            outer=visit.outer,
        )
        docstring = self._docstring(body)
        if docstring is not None:
            candidate.doc = docstring_text(_text(docstring))
        self.outline.candidates.append(candidate)
        self.undocumented.append((candidate, start.node))
        for child in node.children:
            yield _Visit(child, visit, candidate.name, candidate, visit.is_broken)

    def _is_bare(self, visit: _Visit) -> bool:
        """Whether a node outside functions holds nothing that can be wrong by itself."""
        node, spec = visit.node, self.spec
        if node.type in spec.declarations:
            return True
        if node.type == "decorator":
            return visit.around in spec.containers | {"export_statement"} or (
                visit.up is not None and _definition_type(visit.up.node) in spec.containers
            )
        size = node.end_byte - node.start_byte
        if node.type in spec.fields and size <= MAX_IDLE_CHARS and "=" not in _text(node):
            return True
        if node.type in spec.functions:
            return False
        if (
            node.type in SETTINGS
            and visit.around not in SETTINGS
            and not node.has_error
            and is_data(node)
        ):
            return True
        if spec.idle is None or node.type not in STATEMENTS or size > MAX_IDLE_CHARS:
            return False
        return spec.idle.fullmatch(_text(node).strip()) is not None

    def _is_stub(self, node: Node, body: Node) -> bool:
        """Whether a function has an empty body, as abstract methods and protocols do."""
        if any(child.type in INITIALIZERS for child in node.children):
            return False
        text = _text(body).strip() if body.end_byte - body.start_byte < MAX_IDLE_CHARS else "long"
        inside = [child for child in body.named_children if child.type not in self.spec.comments]
        if text.startswith("{") and body.type not in ("object", "dictionary", "set"):
            return not inside
        if not self.spec.has_docstrings:
            return False
        docstring = self._docstring(body)
        return all(
            (docstring is not None and child.id == docstring.id)
            or child.type in STUBS
            or _text(child).strip() == "..."
            or _text(child).startswith("raise NotImplementedError")
            for child in inside
        )

    def _docstring(self, node: Node) -> Node | None:
        """The statement of `node`, a body or a whole file, that only describes it."""
        if not self.spec.has_docstrings or node.type not in ("block", "module"):
            return None
        first = next((n for n in node.named_children if n.type != "comment"), None)
        if first is None or first.type != "expression_statement" or first.named_child_count != 1:
            return None
        only = first.named_child(0)
        return first if only is not None and only.type == "string" else None

    def _leaf(self, node: Node) -> None:
        if node.type.startswith("#"):
            return
        first, last = _first_line(node), last_line(node)
        if node.child_count == 0:
            if first == last and node.end_byte - node.start_byte < 10:
                word = _text(node)
                if word in EMPTY_WORDS or not any(c.isalnum() or c in "\"'`" for c in word):
                    return
            elif first == last and not _text(node).strip():
                return
        self.outline.code_lines.update(range(first, last + 1))

    def _comment(self, node: Node) -> None:
        first = _first_line(node)
        before = self.lines[first - 1].encode("utf-8", "replace")[: node.start_point.column]
        if not before.strip():
            self.comments[last_line(node)] = (first, _text(node).rstrip("\n"))

    def comment_above(self, candidate: Candidate, node: Node) -> str:
        """What the comments that end right above a function, or its decorators, say."""
        texts: list[str] = []
        line = candidate.start_line - 1
        if line - 1 in self.comments and not self.lines[line - 1].strip():
            line -= self.comments[line - 1][1].startswith("/**")  # a blank line after it is usual
        while line in self.comments:
            first, text = self.comments[line]
            if text.startswith(("//!", "/*!", "#!")):
                break
            texts.append(text)
            line = first - 1
        if not texts and _first_line(node) > candidate.start_line:
            found = self.comments.get(_first_line(node) - 1)
            texts = [found[1]] if found else []
        return comment_text("\n".join(reversed(texts)))


def _definition_type(node: Node) -> str:
    """Type of what a decorated definition defines, or ""."""
    inner = node.child_by_field_name("definition")
    return inner.type if inner is not None else ""


def _first_line(node: Node) -> int:
    return node.start_point.row + 1


def last_line(node: Node) -> int:
    """1-based line that `node` ends on; one that ends with its "\\n" ends on the line before."""
    start, end = node.start_point, node.end_point
    return end.row if end.column == 0 and end.row > start.row else end.row + 1


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
