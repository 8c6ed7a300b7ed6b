"""Decide how a prompt and a body become a program, without what the body carries too much.

A model often goes on after the function that it was asked for: a `main`, example calls, a
second class. In languages with braces those are cut, or a judge would learn to look for them.
What the function uses, directly or through what it uses, stays. No I/O.
"""

from __future__ import annotations

import importlib
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache

from tree_sitter import Language, Node, Parser, Tree

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


def signature_of(prompt: str, language: str) -> str:
    """The lines of `prompt` that open its function, without documentation."""
    if language == "python":
        lines, header, end = _python_header(prompt)
        return "\n".join(lines[header : end + 1]) if header >= 0 else prompt.strip()
    after = prompt.rpartition("*/")[2]
    lines = [line for line in after.splitlines() if line.strip() and not line.startswith("//")]
    opening = [line for line in lines if "{" in line]
    return inspect.cleandoc(opening[-1] if opening else after)


def code_of(prompt: str, body: str, language: str) -> str:
    """The function that a judge sees: signature and body, then what it uses; no documentation."""
    signature = signature_of(prompt, language)
    if language == "python":
        return body.strip("\n") if is_whole(prompt, body) else f"{signature}\n{body}".strip("\n")
    source = (prompt + body).encode("utf-8", "surrogatepass")
    found = _asked(source, prompt, language)
    if found is None:
        return f"{signature}\n{body}".strip("\n")
    _, asked, kept = found
    parts = [source[_line_start(source, n) : n.end_byte] for n in (asked, *kept)]
    texts = [part.decode("utf-8", "surrogatepass") for part in parts]
    return "\n\n".join(textwrap.dedent(one) for one in texts)


def _line_start(source: bytes, node: Node) -> int:
    """Where the node starts, with the blanks before it, so that its lines can be dedented."""
    start = source.rfind(b"\n", 0, node.start_byte) + 1
    return node.start_byte if source[start : node.start_byte].strip() else start


def python_program(prompt: str, body: str) -> str:
    """`prompt` and `body` as one Python program.

    Prompts indent their docstring by two or by four; what follows the signature is moved to the
    indentation of the body, which is the one that the writer chose. A body that is the whole
    function takes the place of the prompt's.
    """
    lines, header, end = _python_header(prompt)
    if header < 0:
        return prompt + body
    if is_whole(prompt, body):
        return "\n".join([*lines[:header], body])
    below = lines[end + 1 :]
    theirs = _indent(below)
    ours = _indent(line for line in body.splitlines() if not line.lstrip().startswith("#"))
    if not ours or theirs == ours:
        return prompt + body
    moved = [ours + line.removeprefix(theirs) if line.strip() else line for line in below]
    return "\n".join([*lines[: end + 1], *moved, body])


def is_whole(prompt: str, body: str) -> bool:
    """Whether a Python `body` does not go on from `prompt` but defines its function anew."""
    lines, header, _ = _python_header(prompt)
    ours = [line for line in body.splitlines() if line.strip() and not line.startswith("#")]
    if header < 0 or not ours or ours[0][0].isspace():
        return False
    opening = lines[header].partition("(")[0] + "("
    return any(line.startswith(opening) for line in ours)


def _python_header(prompt: str) -> tuple[list[str], int, int]:
    """The lines of `prompt`, and the first and last of those that open its last function."""
    lines = prompt.splitlines()
    header = max((i for i, line in enumerate(lines) if _opens_function(line)), default=-1)
    end = header
    while 0 <= end < len(lines) - 1 and not lines[end].split("#")[0].rstrip().endswith(":"):
        end += 1
    return lines, header, end


def _opens_function(line: str) -> bool:
    return line.startswith(("def ", "async def "))


def _indent(lines: Iterable[str]) -> str:
    for line in lines:
        if line.strip():
            return line[: len(line) - len(line.lstrip())]
    return ""


def _cut(prompt: str, body: str, language: str) -> str:
    source = (prompt + body).encode("utf-8", "surrogatepass")
    found = _asked(source, prompt, language)
    if found is None:
        return prompt + body
    _, asked, kept = found
    parts = [source[: asked.end_byte], *(source[n.start_byte : n.end_byte] for n in kept)]
    closing = b"\n}" if asked.parent is not None and asked.parent.type == "class_body" else b""
    return (b"\n\n".join(parts) + closing + b"\n").decode("utf-8", "surrogatepass")


def _asked(source: bytes, prompt: str, language: str) -> tuple[Tree, Node, list[Node]] | None:
    """The function that `prompt` opens, and what it uses after it; None where it is broken.

    The tree comes with its nodes, so that it outlives them.
    """
    tree = _parser(language).parse(source)
    at = len(prompt.rstrip().encode("utf-8", "surrogatepass")) - 1
    siblings = _siblings(tree.root_node, at)
    asked = next((n for n in siblings if n.start_byte <= at < n.end_byte), None)
    if asked is None or asked.has_error:
        return None
    before = [node for node in siblings if node.end_byte <= asked.end_byte]
    after = [node for node in siblings if node.start_byte >= asked.end_byte]
    return tree, asked, _used(before, after)


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
