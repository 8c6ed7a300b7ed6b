from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker import answers, figures, words
from worker.compose import compose
from worker.render import render
from worker.repo_config import LOCALES, Rules
from worker.types import Skipped
from worker.unjudged import unjudged

OTHERS = [name for name in LOCALES if name != "en"]
SPEAKING = ("answers", "figures", "render", "summary", "unjudged")
TABLES = (
    *(clause for _, clause in figures.WORDS),
    *answers.SAID.values(),
    *answers.HELP.values(),
    *(answers._compared(gain) for gain in (1.0, 0.0, -1.0)),
)
pofile = pytest.importorskip("babel.messages.pofile", reason="Babel is not installed")
from babel.messages.catalog import Catalog  # noqa: E402


def catalogue(locale: str) -> Catalog:
    path = words.FOLDER / locale / "LC_MESSAGES" / "gavel.po"
    return pofile.read_po(path.read_bytes().splitlines(keepends=True), locale=locale)


def said_in(name: str) -> Iterator[str]:
    """Every message that a module looks up by a literal."""
    tree = ast.parse((Path(words.__file__).parent / f"{name}.py").read_text())
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        is_one = isinstance(call.func, ast.Name) and call.func.id == "say"
        is_many = isinstance(call.func, ast.Attribute) and call.func.attr == "count"
        if (is_one or is_many) and call.args and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value)


@pytest.mark.parametrize("locale", OTHERS)
def test_every_message_of_the_code_is_translated(locale: str) -> None:
    known = {
        one.id if isinstance(one.id, str) else one.id[0]
        for one in catalogue(locale)
        if one.string and all([one.string] if isinstance(one.string, str) else one.string)
    }
    wanted = {message for name in SPEAKING for message in said_in(name)} | set(TABLES)
    assert len(wanted) > 50
    assert wanted - known == set()


@pytest.mark.parametrize("locale", OTHERS)
def test_a_translation_fills_in_what_its_message_does(locale: str) -> None:
    for one in catalogue(locale):
        if not one.id:
            continue
        source = one.id if isinstance(one.id, str) else one.id[1]
        forms = [one.string] if isinstance(one.string, str) else one.string
        for form in forms:
            assert set(re.findall(r"{\w*}", form)) == set(re.findall(r"{\w*}", source)), form
            assert form.count("`") == source.count("`") and form.count("**") == source.count("**")


@pytest.mark.parametrize("locale", OTHERS)
def test_what_is_read_is_what_was_translated(locale: str) -> None:
    say = words.words_of(locale)
    for one in catalogue(locale):
        if isinstance(one.id, str) and one.id:
            assert say._one(one.id) == one.string, (
                "compile: pybabel compile -d worker/locales -D gavel"
            )
        elif one.id:
            assert say._many(*one.id, 5) == one.string[-1]


@pytest.mark.parametrize("locale", OTHERS)
def test_a_check_speaks_the_language_of_the_rules(locale: str) -> None:
    rules = Rules(locale=locale)
    unread = [Skipped("big.py", "too large", is_code=True)]
    review = render(compose((), skipped=unread, rules=rules))
    assert review.title == words.words_of(locale)(
        "Not judged: Gavel could read none of the new code"
    )
    assert review.title != "Not judged: Gavel could read none of the new code"
    told = unjudged("the diff is too large", requires_judgement=False, locale=locale)
    assert told.title == words.words_of(locale)("Gavel could not judge this change")


def test_an_unknown_language_is_english() -> None:
    assert words.words_of("eo")("Skipped:") == "Skipped:"


def test_values_are_never_formatted_themselves() -> None:
    assert (
        words.words_of("de")("I do not know {word}.", word="{0} {x}") == "{0} {x} kenne ich nicht."
    )
