"""Decide what calls and literals of Python say. No I/O; nothing is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from judge.train import values

_DEFINED = re.compile(r"^(?:async\s+)?def\s+(\w+)\s*\(", re.MULTILINE)
_IMPORT = re.compile(r"^(?:import\s+\w|from\s+[\w.]+\s+import\s+[\w*(])[^\n]*$", re.MULTILINE)


def defined(code: str) -> list[str]:
    """The functions at the top of `code`."""
    return _DEFINED.findall(code)


def call(text: str) -> tuple[tuple[object, ...], Mapping[str, object]]:
    """The arguments of a call whose arguments are literals. Raises ValueError."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        raise ValueError("not an expression") from None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise ValueError("not a call")
    if any(keyword.arg is None for keyword in node.keywords):
        raise ValueError("arguments that are no literals")
    args = tuple(_literal(one) for one in node.args)
    return args, {str(one.arg): _literal(one.value) for one in node.keywords}


def value(text: str) -> object:
    """The value of a literal. Raises ValueError."""
    try:
        return _literal(ast.parse(text.strip(), mode="eval").body)
    except SyntaxError:
        raise ValueError("not a literal") from None


def _literal(node: ast.AST) -> object:
    """The value of `node`, where it can be handed to another process. Raises ValueError."""
    try:
        found: object = ast.literal_eval(node)
    except (TypeError, SyntaxError):
        raise ValueError("not a literal") from None
    return values.decode(values.encode(found))


def same(left: object, right: object) -> bool:
    """Whether two values are equal as Python sees it, floats to nine digits."""
    return values.same(left, right)


def imports(text: str) -> str:
    """The lines of `text` that import modules, each closed in itself."""
    lines = [line for line in _IMPORT.findall(text) if line.count("(") == line.count(")")]
    return "".join(f"{line}\n" for line in lines)
