"""Decides the words of a language. Reads its catalogue from this package, once.

The catalogues lie in `locales/LANGUAGE/LC_MESSAGES/gavel.po`, beside the compiled `.mo` that is
read; `python -m worker.locales` compiles them. English is the text in the code.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from functools import cache
from pathlib import Path

from worker.repo_config import LOCALES

FOLDER = Path(__file__).with_name("locales")
DOMAIN = "gavel"


class Words:
    """The words of one language. Values are filled in after translation, so that text from a
    change is never looked up and never formatted."""

    def __init__(self, catalogue: gettext.NullTranslations) -> None:
        self._one: Callable[[str], str] = catalogue.gettext
        self._many: Callable[[str, str, int], str] = catalogue.ngettext

    def __call__(self, message: str, **values: object) -> str:
        """`message` in this language, with `values` in its braces."""
        return self._one(message).format(**values)

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """The form for `number`, which may stand in braces by that name."""
        return self._many(one, many, number).format(number=number, **values)


@cache
def words_of(locale: str) -> Words:
    """The words of `locale`, of LOCALES; English for any other."""
    if locale not in LOCALES or locale == "en":
        return Words(gettext.NullTranslations())
    return Words(gettext.translation(DOMAIN, FOLDER, languages=[locale]))
