import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from judge.types import Snippet, SnippetKind, Verdict
from worker.compose import compose
from worker.escape import code_span, plain, prose
from worker.render import CUT, MAX_SUMMARY, cut, render, words
from worker.repo_config import Gate, Rules
from worker.types import Conclusion, Judged, Skipped

UNREAD = Skipped("b.py", "too large", is_code=True)
CONTROL = "[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
HOSTILE = [
    "``` `x` ```",
    "@everyone and @octo/team",
    "<img src=x onerror=alert(1)>",
    "<!-- gavel:fp=0123456789abcdef -->",
    "[click](https://evil.example)",
    "![pixel](https://evil.example/p.png)",
    "https://evil.example www.evil.example",
    "| a | b |",
    "line\r\nbreak\n\n# heading",
    "\x1b[31mred\x1b]8;;http://evil\x07link",
    "abc\u202egnp.exe\u2066x\u2069",
    "zero\u200bwidth\ufeff",
    "nul\x00byte",
    "lone\ud800surrogate",
    "$`x`$ and $$y$$",
    "**bold** _it_ ~~x~~ #12 GH-3",
    "`",
    "``a`",
    "",
]


def judged(p: float, *, path="a.py", name="f", code="def f(): ...", **more) -> Judged:
    snippet = Snippet(
        path, "python", 3, 9, code, SnippetKind.FUNCTION, name, changed_lines=(4, 5, 8)
    )
    return Judged(replace(snippet, **more), Verdict(p, 0.0, "m 1"))


def rendered(*given: Judged, skipped=(), **rules):
    return render(compose(given, skipped=skipped, rules=Rules(**rules)))


def tree(markdown: str):
    """Every token of the Markdown as a forge reads it, HTML, tables and bare links included."""
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    for token in reader.parse(markdown):
        yield token
        yield from token.children or []


def test_a_comment_says_the_probability_in_words_and_figures() -> None:
    (comment,) = rendered(judged(0.12)).comments
    assert comment.body.startswith(
        "`f` is **very unlikely to be correct**: P(correct) = 0.12, "
        "below this repository's threshold of 0.30.\n"
    )


def test_a_comment_ends_with_its_hidden_fingerprint() -> None:
    one = judged(0.1)
    (comment,) = rendered(one).comments
    assert comment.fingerprint == one.snippet.fingerprint
    assert comment.body.endswith(f"\n<!-- gavel:fp={comment.fingerprint} -->")


def test_a_comment_sits_on_the_changed_lines() -> None:
    (comment,) = rendered(judged(0.1)).comments
    assert (comment.start_line, comment.end_line) == (4, 8)
    (whole,) = rendered(judged(0.1, changed_lines=())).comments
    assert (whole.start_line, whole.end_line) == (3, 9)


def test_the_same_code_twice_in_a_file_is_one_comment() -> None:
    assert len(rendered(judged(0.1), judged(0.1, start_line=30, end_line=36)).comments) == 1


def test_a_probability_just_below_the_threshold_does_not_look_like_it() -> None:
    (comment,) = rendered(judged(0.2996), threshold=0.3).comments
    assert "P(correct) = 0.2996, below" in comment.body


def test_code_without_a_name_is_told_by_its_lines() -> None:
    assert "This code (lines 3-9)" in rendered(judged(0.1, name="")).comments[0].body


@pytest.mark.parametrize(
    ("p", "clause"),
    [(0.0, "very unlikely"), (0.2, "unlikely"), (0.5, "as likely wrong"), (1.0, "very likely")],
)
def test_every_probability_has_words(p: float, clause: str) -> None:
    assert words(p).startswith(clause)


def test_every_snippet_of_the_change_is_known_afterwards() -> None:
    review = rendered(judged(0.1), judged(0.9, code="def g(): ..."))
    assert len(review.fingerprints) == 2 and review.resolve == ()


# What the check says


@pytest.mark.parametrize(
    ("given", "skipped", "rules", "title"),
    [
        ([judged(0.9)], [], {}, "1 snippet judged, none below the threshold"),
        ([judged(0.1), judged(0.9)], [], {}, "1 of 2 snippets likely wrong"),
        ([judged(0.1)], [UNREAD], {}, "1 of 1 snippet likely wrong; 1 not judged"),
        ([], [Skipped("b.md", "x")], {}, "Nothing to judge: no code that needs judging was added"),
        ([], [UNREAD], {}, "Not judged: Gavel could read none of the new code"),
        ([judged(0.1)], [], {"gate": Gate.SHADOW}, "Gavel recorded its verdicts and shows none"),
    ],
)  # fmt: skip
def test_the_title_says_how_it_ended(given, skipped, rules, title) -> None:
    assert rendered(*given, skipped=skipped, **rules).title.startswith(title)


def test_an_abstention_is_told_and_never_reads_as_a_pass() -> None:
    silent = judged(0.9)
    silent = replace(silent, verdict=Verdict(0.5, 0.0, "m", True, "the code is empty"))
    review = rendered(silent)
    assert review.conclusion is Conclusion.NOT_JUDGED
    assert review.title.startswith("Not judged") and "not a pass" in review.summary
    assert "`a.py` lines 3-9: the code is empty" in review.summary


def test_the_summary_has_a_row_for_every_snippet_and_every_skip() -> None:
    skipped = [Skipped("go.sum", "lock file"), Skipped("x.min.js", "minified")]
    review = rendered(judged(0.1), judged(0.8, name="g"), skipped=skipped)
    assert "| `a.py` | 3-9 | `f` | **0.10** |" in review.summary
    assert "| `a.py` | 3-9 | `g` | 0.80 |" in review.summary
    assert "- `go.sum`: lock file\n- `x.min.js`: minified" in review.summary


def test_findings_over_the_limit_are_counted() -> None:
    given = [judged(0.1, code=str(n)) for n in range(4)]
    assert "2 more findings have no comment" in rendered(*given, limit=2).summary
    assert "1 more finding has no comment" in rendered(*given, limit=3).summary


def test_a_silent_gate_shows_no_verdict() -> None:
    review = rendered(judged(0.1), gate=Gate.SHADOW)
    assert review.comments == review.annotations == ()
    assert "0.10" not in review.summary and "a.py" not in review.summary


def test_an_annotation_is_plain_and_has_the_figure() -> None:
    (annotation,) = rendered(judged(0.1)).annotations
    assert annotation.title == "f: P(correct) = 0.10"
    assert "`" not in annotation.message and "0.10" in annotation.message


# Limits


def test_a_summary_of_a_thousand_files_stays_within_the_limit() -> None:
    skipped = [Skipped(f"{'d' * 180}/{n}.lock", "lock file " * 20) for n in range(3000)]
    given = [judged(0.9, path=f"{'p' * 190}{n}.py") for n in range(1000)]
    review = rendered(*given, skipped=skipped)
    assert len(review.summary) <= MAX_SUMMARY
    assert "900 more snippets" in review.summary


def test_a_long_text_is_cut_at_a_line_with_a_sentence() -> None:
    text = cut("a line\n" * 100, 200)
    assert len(text) <= 200 and text.endswith(CUT)
    assert set(text.removesuffix(CUT).split("\n")) == {"a line"}
    assert cut("short", 200) == "short"


def test_a_text_without_line_ends_is_cut_too() -> None:
    assert len(cut("x" * 500, 200)) <= 200 and cut("x" * 500, 200).startswith("xxx")


def test_a_huge_name_fits_the_title_of_an_annotation() -> None:
    (annotation,) = rendered(judged(0.1, name="n" * 5000)).annotations
    assert len(annotation.title) <= 255


# What a change says about itself is data


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_text_from_the_change_is_rendered_as_itself(text: str) -> None:
    abstained = replace(judged(0.5, path=text), verdict=Verdict(0.5, 0.0, text, True, reason=text))
    review = rendered(judged(0.1, path=text, name=text), abstained, skipped=[Skipped(text, text)])
    for markdown in (review.summary, review.comments[0].body):
        for token in tree(markdown):
            assert token.type not in {"link_open", "image", "heading_open", "fence", "code_block"}
            if token.type in {"html_inline", "html_block"}:
                assert re.fullmatch(r"</?sub>|<!-- gavel:fp=[0-9a-f]{16} -->\s*", token.content)
            if token.type == "text":
                assert not re.search(r"@\w|https?://|www\.|#\d", token.content)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_hostile_name_leaves_the_table_whole(text: str) -> None:
    review = rendered(judged(0.1, path=text, name=text), judged(0.9))
    tokens = list(tree(review.summary))
    cells = [tokens[n + 1].content for n, one in enumerate(tokens) if one.type == "td_open"]
    assert len(cells) == 2 * 4
    assert (cells[3], cells[7]) == ("**0.10**", "0.90")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_control_or_reordering_character_gets_through(text: str) -> None:
    review = rendered(judged(0.1, path=text, name=text), skipped=[Skipped(text, text)])
    (annotation,) = review.annotations
    for shown in (review.summary, review.title, annotation.title, annotation.message):
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", shown
        )
        shown.encode()


def test_a_marker_in_a_name_is_never_the_last_line() -> None:
    (comment,) = rendered(judged(0.1, name="<!-- gavel:fp=0123456789abcdef -->")).comments
    assert not comment.body.endswith("<!-- gavel:fp=0123456789abcdef -->")


def test_plain_text_is_one_line_of_limited_length() -> None:
    assert plain("a\t b\r\n\u2028c\x1b[1;31md\x1b[0m") == "a b cd"
    assert plain("x" * 400, limit=10) == "x" * 9 + "…"


def test_code_spans_hold_any_backticks() -> None:
    assert code_span("a`b") == "``a`b``"
    assert code_span("`") == "`` ` ``"
    assert code_span("\n") == "`?`"


def test_prose_is_code_where_markdown_would_read_it() -> None:
    assert prose("larger than 1 MB") == "larger than 1 MB"
    assert prose("see www.example.com") == "`see www.example.com`"
    assert prose("ask @octocat") == "`ask @octocat`"
