from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from judge.types import Snippet, SnippetKind, Verdict
from worker.answers import HELP, SAID, signed, to_command, to_weighed
from worker.commands import Command, Verb
from worker.conversation import JUDGE, LEFT_OUT
from worker.jobs import ChangeRef, Remark
from worker.suggestions import Candidate, Weighed
from worker.words import words_of

SAY = words_of("en")
HOSTILE = [
    "@everyone and @octo/team",
    "<img src=x onerror=alert(1)>",
    "[click](https://evil.example) www.evil.example",
    "`` ` ``` x",
    "a\r\n# heading\n- item",
    "\x1b[31mred\x1b[0m\u202e",
]


def weighed(
    p: float, *, author: str = "", name: str = "f", reason: str = "", remark_id: str = "1"
) -> Weighed:
    snippet = Snippet(
        "a.py", "python", 3, 4, "def f(): ...", SnippetKind.FUNCTION, name, changed_lines=(4,)
    )
    verdict = Verdict(p, p, "m 1", abstained=bool(reason), reason=reason)
    return Weighed(Candidate(snippet, author, remark_id, "f" * 16), verdict)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_what_a_change_or_a_person_calls_itself_is_shown_as_code(text: str) -> None:
    given = [weighed(0.1, name=text), weighed(0.9, author=text), weighed(0.5, author=text)]
    known = [weighed(0.5, name=text, reason=text), weighed(0.4, author=text, reason=text)]
    said = [
        to_weighed("rank", given, SAY),
        to_weighed(JUDGE, known, SAY),
        to_command(Command(Verb.HELP, unknown=text), SAY, about="", known=None),
    ]
    for markdown in said:
        for token in MarkdownIt("commonmark", {"html": True}).parse(markdown):
            assert token.type not in {"heading_open", "fence", "code_block", "html_block"}
            for part in token.children or []:
                assert part.type not in {"link_open", "image"}
                if part.type == "html_inline":
                    assert part.content in {"<sub>", "</sub>"}
                if part.type == "text":
                    assert not re.search(r"@\w|https?://|www\.", part.content)
        assert not set(markdown) & {"\x1b", "\u202e", "\r"}


def test_an_answer_ends_with_a_line_that_no_id_can_break() -> None:
    remark = Remark(ChangeRef("memory", "o/r", 1, ""), "7 --> <b>", "", "ann", False, "x")
    assert signed("Words.\n", remark) == "Words.\n\n<!-- gavel:re=7______b_ -->"


def test_what_could_not_be_judged_stands_last_and_is_no_pass() -> None:
    said = to_weighed("rank", [weighed(0.9, author="a", reason="why"), weighed(0.2)], SAY)
    assert "was not judged, which is not a pass: why" in said
    three = [weighed(0.9, author="a", reason="w"), weighed(0.2, author="b"), weighed(0.1)]
    rows = to_weighed("rank", three, SAY).splitlines()
    assert rows[-3].startswith("3. the suggestion by `a`") and "not a pass" in rows[-3]


def test_an_explanation_without_a_telling_line_says_so() -> None:
    given = [weighed(0.4, remark_id=""), weighed(0.41, remark_id=LEFT_OUT)]
    assert "No line stands out" in to_weighed("explain", given, SAY)


def test_every_verb_has_its_words() -> None:
    assert set(HELP) == set(Verb)
    assert set(SAID) == set(Verb) - {Verb.HELP, Verb.EXPLAIN}
