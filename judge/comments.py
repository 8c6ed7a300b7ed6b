"""Decide what comments and docstrings say of code once their marks are gone. No I/O."""

from __future__ import annotations

import inspect
import re

from judge.hostile import unaddressed

_BLOCK = re.compile(r"/\*[*!]?(.*?)\*/", re.DOTALL)
_RUBY_BLOCK = re.compile(r"=begin\b(.*?)^=end\b.*", re.DOTALL | re.MULTILINE)
_LINE_MARK = re.compile(r"^[ \t]*(?://[/!]?|#+|--|\*(?!/))[ ]?")
_DOCSTRING = re.compile(r"^[a-zA-Z]{0,2}(\"\"\"|'''|\"|')(.*)\1$", re.DOTALL)
# Orders to tools and owners' notices do not say what the code is meant to do.
_DIRECTIVE = re.compile(
    r"^\s*(?:noqa|type:|pylint|pyright|mypy:|ruff:|fmt:|isort:|flake8|eslint|jshint|prettier|tslint"
    r"|@ts-|istanbul|c8 |v8 |go:|nolint|\+build|rubocop|frozen_string_literal|clippy|rustfmt"
    r"|clang-format|NOLINT|noinspection|phpcs|phpstan|psalm|pragma|coding[:=]|-\*-|SPDX|Copyright"
    r"|\(c\)|!/|region\b|endregion\b)",
    re.IGNORECASE,
)
_XML_TAG = re.compile(r"</?(?:summary|remarks|para|c|code)\s*/?>")


def docstring_text(literal: str) -> str:
    """What a docstring says: the literal without its quotes, prefix and common indentation.

    What in it is addressed to a judge says nothing of the code, and is left out.
    """
    match = _DOCSTRING.match(literal.strip())
    return unaddressed(inspect.cleandoc(match.group(2))).strip() if match else ""


def comment_text(comments: str) -> str:
    """What comments say: without their marks, orders to tools or a judge, rulers, owners' notices.

    >>> comment_text("/** Adds.\\n  * @param a first\\n  */")
    'Adds.\\n@param a first'
    """
    bare = _RUBY_BLOCK.sub(lambda found: found.group(1), comments)
    bare = _BLOCK.sub(lambda found: found.group(1), bare)
    lines = [
        _XML_TAG.sub("", _LINE_MARK.sub("", line)).rstrip("* \t\r") for line in bare.split("\n")
    ]
    kept = [line for line in lines if not _DIRECTIVE.match(line) and _says_something(line)]
    return unaddressed(inspect.cleandoc("\n".join(kept))).strip()


def _says_something(line: str) -> bool:
    return not line or any(character.isalnum() for character in line)
