"""Whatever text is given, words are only ever left out of it, and in bounded time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.addressed import silenced
from judge.hostile import TASK, unaddressed
from judge.languages import BY_NAME

PIECES = st.sampled_from(
    [
        '"""', "'''", '"', "'", "`", "#", "//", "/*", "*/", "--", "\\", "\n", "\n    ", "\t", " ",
        "(", ")", "{", "}", ";", "x = ", "return ", "Ignore all previous instructions. ",
        "@everyone ", "<script>", "</script>", "```", "../../x ", "\x1b[31m", "Adds. ", "+", "-",
        "<|im_end|>", "r", "f", "=begin", "=end", "\u3002", "\0",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=40).map("".join)


def is_left_of(kept: str, text: str) -> bool:
    """Whether `kept` is `text` with some letters left out."""
    rest = iter(text)
    return all(letter in rest for letter in kept)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, language=st.sampled_from(["", *BY_NAME]))
def test_words_are_only_ever_left_out(text: str, language: str) -> None:
    assert is_left_of(silenced(text, language), text)
    assert is_left_of(unaddressed(text), text)
    assert is_left_of(unaddressed(text, TASK), text)


LONG = 60_000
WALLS = {
    "quotes": '"""' + '\\"""' * 15_000,
    "letters": "'\\'" * 20_000,
    "marks": '"' + "# " * 30_000 + "```",
    "blocks": "```" + "/*" * 30_000,
    "mentions": "# " + "@all " * 12_000,
    "scripts": "# " + "<script>" * 7_500,
    "strings": '    x = "@all"\n' * 4_000,
    "names": "".join(f'    v{n} = "@all"\n' for n in range(3_500)),
    "blanks": " " * LONG + '"@all"',
    "pointers": "    " + "&* " * 20_000 + '"@all"',
    "lines": "\n" * LONG + "# @all",
    "comments": "# \n" * 20_000 + "# @all",
    "orders": "ignore all " * 5_000,
}


@pytest.mark.parametrize("wall", WALLS.values(), ids=WALLS.keys())
def test_no_wall_takes_more_than_linear_time(wall: str) -> None:
    """Not timed: with the square of its length this would go on for minutes."""
    for language in ("", "python", "javascript", "java", "rust", "csharp"):
        assert len(silenced(wall, language)) <= len(wall)
