"""Decide how a prompt and a body become a program. No I/O."""

from __future__ import annotations

from collections.abc import Iterable


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
    theirs = _indent(lines[header + 1 :])
    ours = _indent(line for line in body.splitlines() if not line.lstrip().startswith("#"))
    if not theirs or not ours or theirs == ours:
        return prompt + body
    moved = [ours + line.removeprefix(theirs) if line.strip() else line for line in lines[header + 1 :]]
    return "\n".join([*lines[: header + 1], *moved, body])


def _opens_function(line: str) -> bool:
    return line.startswith(("def ", "async def "))


def _indent(lines: Iterable[str]) -> str:
    for line in lines:
        if line.strip():
            return line[: len(line) - len(line.lstrip())]
    return ""
