"""Decide how a prompt and a body become a program, without what the body carries too much.

A model often goes on after the function that it was asked for: a `main`, example calls, a
second class. In languages with braces those are cut, or a judge would learn to look for them.
What the function uses, directly or through what it uses, stays. No I/O.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from functools import cache

from tree_sitter import Language, Node, Parser

_GRAMMARS = {
    "java": ("tree_sitter_java", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "go": ("tree_sitter_go", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
}
_NAMES = frozenset(("identifier", "type_identifier", "field_identifier", "property_identifier"))


def program(prompt: str, body: str, language: str) -> str:
    """`prompt` and `body` as one program, cut to what the task asked for; tests go after it."""
    return python_program(prompt, body) if language == "python" else _cut(prompt, body, language)


def python_program(prompt: str, body: str) -> str:
    """`prompt` and `body` as one Python program.

    Prompts indent their docstring by two or by four; what follows the signature is moved to the
    indentation of the body, which is the one that the writer chose.
    """
    lines = prompt.splitlines()
    header = max((i for i, line in enumerate(lines) if _opens_function(line)), default=-1)
    if header < 0:
        return prompt + body
    while header < len(lines) - 1 and not lines[header].split("#")[0].rstrip().endswith(":"):
        header += 1
    below = lines[header + 1 :]
    theirs = _indent(below)
    ours = _indent(line for line in body.splitlines() if not line.lstrip().startswith("#"))
    if not ours or theirs == ours:
        return prompt + body
    moved = [ours + line.removeprefix(theirs) if line.strip() else line for line in below]
    return "\n".join([*lines[: header + 1], *moved, body])


def _opens_function(line: str) -> bool:
    return line.startswith(("def ", "async def "))


def _indent(lines: Iterable[str]) -> str:
    for line in lines:
        if line.strip():
            return line[: len(line) - len(line.lstrip())]
    return ""


def _cut(prompt: str, body: str, language: str) -> str:
    source = (prompt + body).encode("utf-8", "surrogatepass")
    asked_at = len(prompt.rstrip().encode("utf-8", "surrogatepass")) - 1
    siblings = _siblings(_parser(language).parse(source).root_node, asked_at)
    asked = next((n for n in siblings if n.start_byte <= asked_at < n.end_byte), None)
    if asked is None or asked.has_error:
        return prompt + body
    rest = [node for node in siblings if node.start_byte >= asked.end_byte]
    kept = _used([n for n in siblings if n.end_byte <= asked.end_byte], rest)
    parts = [source[: asked.end_byte], *(source[n.start_byte : n.end_byte] for n in kept)]
    closing = b"\n}" if asked.parent is not None and asked.parent.type == "class_body" else b""
    return (b"\n\n".join(parts) + closing + b"\n").decode("utf-8", "surrogatepass")


def _siblings(root: Node, at: int) -> list[Node]:
    """The definitions among which the one at byte `at` stands: of the file, or of its class."""
    for child in root.children:
        if child.start_byte <= at < child.end_byte and child.type == "class_declaration":
            members = child.child_by_field_name("body")
            return list(members.children) if members is not None else []
    return list(root.children)


def _used(first: list[Node], rest: list[Node]) -> list[Node]:
    """Those of `rest` that define a name which `first`, or another that stays, mentions."""
    mentioned = {name for node in first for name in _names(node)}
    kept: list[Node] = []
    while True:
        more = [n for n in rest if n not in kept and mentioned & set(_defined(n))]
        if not more:
            return [node for node in rest if node in kept]
        kept += more
        mentioned |= {name for node in more for name in _names(node)}


def _defined(node: Node) -> Iterator[bytes]:
    """Names that a definition gives; nothing for statements, comments and broken code."""
    if node.has_error or not node.is_named or node.type.endswith(("statement", "comment")):
        return
    name = node.child_by_field_name("name") or node.child_by_field_name("declarator")
    if name is not None:
        yield from list(_names(name))[:1]
        return
    for child in node.named_children:
        if child.type.endswith(("declarator", "declaration", "spec")):
            yield from _defined(child)


def _names(node: Node) -> Iterator[bytes]:
    if node.type in _NAMES and node.text is not None:
        yield node.text
    for child in node.named_children:
        yield from _names(child)


@cache
def _parser(language: str) -> Parser:
    module, function = _GRAMMARS[language]
    return Parser(Language(getattr(importlib.import_module(module), function)()))
