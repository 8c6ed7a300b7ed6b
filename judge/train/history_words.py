"""Decide what a commit's words and a file's path say. Tables and patterns, no I/O."""

from __future__ import annotations

import re

from judge.languages import language_of

_FIX = re.compile(
    r"\b(?:fix(?:e[sd]|ing)?|bug(?:fix)?|regression|clos(?:e|es|ed) #\d+|resolv(?:e|es|ed) #\d+"
    r"|(?:gh|bpo|issue)[- #]?\d+|incorrect(?:ly)?|wrong(?:ly)?|crash(?:es)?|panic|deadlock"
    r"|race condition|off[- ]by[- ]one|memory leak)\b",
    re.IGNORECASE,
)
_NO_FIX = re.compile(
    r"\b(?:typos?|docs?|docstrings?|documentation|readme|changelog|lint(?:er|ing)?|flake8|pylint"
    r"|eslint|prettier|mypy|typings?|types?|ci|travis|tests?|flaky|spelling|comments?|format(?:ting)?"
    r"|style|whitespace|warnings?|deprecations?|bump|release|build|ruff|pre-?commit|imports?|merge"
    r"|benchmarks?|examples?|coverage|refactor(?:ing)?|cleanup|revert)\b",
    re.IGNORECASE,
)
_MERGED = re.compile(r"^Merge (?:pull request|PR|branch)\b.*", re.IGNORECASE)
_TEST = re.compile(
    r"(?:^|/)(?:tests?|testing|__tests__|specs?|testdata|unittests?|e2e|fixtures)/"
    r"|(?:^|/)(?:test_[^/]*|conftest\.py|[^/]*_(?:unit)?test\.\w+|[^/]*[._-](?:test|spec)\.\w+"
    r"|[^/]*Tests?\.java|[^/]*TestCase\.java|Test[A-Z][^/]*\.java|test[-.][^/]*)$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:^|/)(?:vendor|_vendor|third_?party|thirdparty|node_modules|dist|build|docs?|examples?"
    r"|bench(?:marks?)?|migrations|generated|extern(?:al)?|deps|scripts?|tools|website|locales?"
    r"|packages/shims|single_include)/"
    r"|\.min\.js$|\.d\.ts$|_pb2\.py$|\.pb\.(?:go|cc|h)$|(?:^|/)(?:setup|conf|noxfile)\.py$",
    re.IGNORECASE,
)
_TELLTALE = re.compile(
    r"\b(?:(?:hot|bug)?fix(?:e[sd]|ing|up)?|bugs?|regress\w*|revert\w*|broke\w*|breaks?|crash\w*"
    r"|wrong\w*|incorrect\w*|hack\w*|wip|workaround\w*|flaky|close[sd]?|resolve[sd]?)\b:?|\(?(?:gh-)?#\d+\)?"
    r"|\bhttps?://\S+|\b[0-9a-f]{7,40}\b|(?<!\w)@[\w-]+|\S+@\S+\.\w+",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"^\s*(?:signed-off-by|co-authored-by|reviewed-by|acked-by|tested-by|reported-by|cc|change-id"
    r"|reviewed-on|pr-url|refs?|author|thanks?|by)\b.*:?.*$",
    re.IGNORECASE,
)
_PACKAGE = re.compile(
    r"""^\s*(?:name\s*=\s*["']?|"name"\s*:\s*"|<artifactId>|module\s+)([\w./@-]+)""", re.MULTILINE
)
MAX_PROMPT = 600  # characters of a commit's message


def title(subject: str, body: str) -> str:
    """A commit's subject; of a merged pull request the first line of its body."""
    if _MERGED.match(subject):
        first = next((line.strip() for line in body.splitlines() if line.strip()), "")
        return first or subject
    return subject


def says_fix(text: str) -> bool:
    """Whether a title says that code was wrong, and not only its tests, types or documents."""
    return bool(_FIX.search(text)) and not _NO_FIX.search(text)


def is_test(path: str) -> bool:
    """Whether a path is a test's."""
    return bool(_TEST.search(path))


def is_source(path: str) -> bool:
    """Whether a path is code that people wrote for use: of a known language, no test, not aside."""
    return bool(language_of(path)) and not is_test(path) and not _ASIDE.search(path)


def package_names(metadata: str) -> list[str]:
    """The names that a package's own file gives it: setup.cfg, pyproject, package.json, go.mod."""
    return [found.group(1).strip() for found in _PACKAGE.finditer(metadata[:200_000])][:3]


def description(text_title: str, body: str) -> str:
    """What a commit says that it does, without names, numbers and words that tell its fate.

    >>> description("Add cache (#12)", "Fixes a crash.\\n\\nSigned-off-by: A <a@b.org>")
    'Add cache'
    """
    lines = [text_title, *(line for line in body.splitlines() if not _TRAILER.match(line))]
    told = [" ".join(_TELLTALE.sub(" ", line).split()).strip(" :-.,") for line in lines]
    said = [line for line in told if len(re.findall(r"[A-Za-z]{2,}", line)) > 1]
    return "\n".join(dict.fromkeys(said))[:MAX_PROMPT]
