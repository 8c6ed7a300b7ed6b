"""Decide what of a model's answer, written elsewhere, is the function that a task asks for. No I/O.

Answers come as a chat wrote them: prose, fences, a whole module with its own tests. Kept is the
function with what it uses, its own imports first; a docstring that only repeats the task goes.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from judge.train.tasks import Task, number_of

FIELDS = ("completion", "solution", "response", "answer")
_FENCE = re.compile(r"```[\w+-]*[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
_TYPING = frozenset(
    (
        *("Any", "Callable", "Deque", "Dict", "FrozenSet", "Generator", "Iterable", "Iterator"),
        *("List", "Mapping", "NamedTuple", "Optional", "Sequence", "Set", "Tuple", "Type"),
        *("TypeVar", "Union"),
    )
)
_CUTS = 80
_ECHO = 0.75


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why no function could be taken out of an answer."""

    why: str


def answers_of(row: Mapping[str, object], field: str | None) -> list[str]:
    """The answers that a row holds: a text or a list of texts under `field`, or FIELDS."""
    for name in (field,) if field else FIELDS:
        value = row.get(name)
        if isinstance(value, str):
            return [value]
        if isinstance(value, list):
            return [one for one in value if isinstance(one, str)]
    return []


def task_of(
    row: Mapping[str, object], tasks: Mapping[tuple[str, str], Task], language: str
) -> Task | None:
    """The task in `language` that a row names, by any of the ways to write its number."""
    for name in ("task_id", "name", "id"):
        value = row.get(name)
        if isinstance(value, int):
            value = f"MBPP/{value}"
        if isinstance(value, str) and (found := tasks.get((number_of(value), language))):
            return found
    return None


def body_of_answer(answer: str, task: Task) -> str | Unusable:
    """What of `answer` follows the task's prompt: a body, or in Python the whole function."""
    if task.language != "python":
        return _continued(_unfenced(answer, ""), task)
    text = _unfenced(answer, f"def {task.entry_point}")
    if text[:1] in (" ", "\t") and f"def {task.entry_point}" not in text:
        return text.rstrip() + "\n"
    tree, source = _parsed(text.expandtabs(4))
    if tree is None:
        return Unusable("does not parse")
    return _function(tree, source.splitlines(), task)


def _continued(text: str, task: Task) -> str | Unusable:
    """The rest of a whole answer after the prompt's own signature, or of one that goes on."""
    signature = task.prompt.rstrip().splitlines()[-1]
    if signature.strip() in text:
        return text.partition(signature.strip())[2].lstrip("\n")
    return text if text[:1] in (" ", "\t") else Unusable("another signature")


def _unfenced(answer: str, wanted: str) -> str:
    """The last fenced block that holds `wanted`, the last one at all, or the answer itself."""
    blocks = _FENCE.findall(answer)
    holding = [block for block in blocks if wanted in block]
    text = str((holding or blocks or [answer])[-1]).strip("\n")
    return textwrap.dedent(text) if wanted and wanted in text else text


def _parsed(text: str) -> tuple[ast.Module | None, str]:
    """The tree of `text`, if need be without the lines that follow its code."""
    lines = text.splitlines()
    for count in range(len(lines), max(0, len(lines) - _CUTS), -1):
        source = "\n".join(lines[:count])
        try:
            return ast.parse(source), source
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None, text


def _function(tree: ast.Module, lines: list[str], task: Task) -> str | Unusable:
    asked = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == task.entry_point]
    if not asked:
        return Unusable("lacks the function")
    kept = [node for node in _used(tree, asked[-1]) if node is not asked[-1]]
    imports = [node for node in kept if isinstance(node, ast.Import | ast.ImportFrom)]
    helpers = [node for node in kept if node not in imports]
    told = _without_echo(asked[-1], lines, task.description)
    above = ["\n".join(_lines_of(node, lines)) for node in imports]
    if typed := sorted(_untold(tree, [asked[-1], *helpers])):
        above.append(f"from typing import {', '.join(typed)}")
    texts = ["\n".join(_lines_of(node, lines)) for node in helpers]
    return "\n\n".join(["\n".join(above), *texts, told] if above else [*texts, told]) + "\n"


def _untold(tree: ast.Module, kept: Iterable[ast.stmt]) -> set[str]:
    """Names of `typing` that are used and nowhere imported: typed prompts import them."""
    given = {name for node in tree.body for name in _defined(node)}
    return {name for node in kept for name in _names(node)} & _TYPING - given


def _lines_of(node: ast.stmt, lines: list[str]) -> list[str]:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(one.lineno for one in decorators)])
    return lines[first - 1 : node.end_lineno]


def _without_echo(node: ast.FunctionDef, lines: list[str], description: str) -> str:
    """The function's lines, less a docstring that holds the task's own words."""
    first = node.body[0]
    docstring = ast.get_docstring(node)
    echo = docstring is not None and _repeats(docstring, description)
    if not echo or len(node.body) == 1 or first.lineno == node.lineno:
        return "\n".join(_lines_of(node, lines))
    assert first.end_lineno is not None
    start = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    rest = lines[first.end_lineno : node.end_lineno]
    while rest and not rest[0].strip():
        rest = rest[1:]
    return "\n".join([*lines[start - 1 : first.lineno - 1], *rest])


def _repeats(docstring: str, description: str) -> bool:
    """Whether hardly a word of `docstring` is not of `description`."""
    told, known = (re.findall(r"\w+", text.lower()) for text in (docstring, description))
    return sum(word in known for word in told) >= _ECHO * len(told)


def _used(tree: ast.Module, asked: ast.FunctionDef) -> list[ast.stmt]:
    """The definitions that `asked` uses, directly or through another, in the order of the file."""
    before = [
        node
        for node in tree.body
        if not isinstance(node, ast.FunctionDef) or node.name != asked.name
    ]
    mentioned, kept = set(_names(asked)), {id(asked)}
    while True:
        more = [n for n in before if id(n) not in kept and mentioned & set(_defined(n))]
        if not more:
            return [node for node in tree.body if id(node) in kept]
        kept |= {id(node) for node in more}
        mentioned |= {name for node in more for name in _names(node)}


def _names(node: ast.AST) -> Iterator[str]:
    return (child.id for child in ast.walk(node) if isinstance(child, ast.Name))


def _defined(node: ast.stmt) -> Iterator[str]:
    """Names that a statement of a module gives; nothing for statements that only act."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((one.asname or one.name).partition(".")[0] for one in node.names)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        yield from (
            c.id for c in ast.walk(node) if isinstance(c, ast.Name) and isinstance(c.ctx, ast.Store)
        )
