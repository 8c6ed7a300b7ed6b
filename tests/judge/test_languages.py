# ruff: noqa: E501 (sources in one line each)
"""Every language of the table: told by its name, parsed, its functions and their words found."""

from __future__ import annotations

import pytest

from judge import languages
from judge.comments import comment_text, docstring_text
from judge.languages import LANGUAGES, TooHard, language_of, tree_of
from judge.outline import outline
from judge.snippets import functions

# Source of two functions each, the second in a class where the language has them; the lines that
# are judged; and the words above or inside.
SOURCES: dict[str, tuple[str, list[tuple[str, int, int, str]]]] = {
    "python": (
        "import os\n\n@cache\ndef one(a):\n    '''Says one.'''\n    return a\n\n"
        "class Two:\n    x: int\n\n    # says two\n    async def two(self):\n        return 2\n",
        [("one", 3, 6, "Says one."), ("Two.two", 12, 13, "says two")],
    ),
    "java": (
        "import a.b;\n/** Head. */\npublic class A {\n  private int x;\n  /** Adds.\n   *  Well. */\n"
        "  @Override\n  int add(int a) {\n    return a;\n  }\n  abstract void none();\n}\n",
        [("A.add", 7, 10, "Adds.\nWell.")],
    ),
    "javascript": (
        "const fs = require('fs');\n// says one\nconst one = async (a) => {\n  return a;\n};\n"
        "/**\n * Says two.\n */\n\napp.two = function () {\n  return 2;\n};\n",
        [("one", 3, 5, "says one"), ("app.two", 10, 12, "Says two.")],
    ),
    "typescript": (
        "import x from 'y';\ninterface I { m(): void }\n/** One. */\nexport function one<T>(a: T) {\n"
        "  return a;\n}\nexport class A {\n  y: number;\n  // two\n  @Host('a')\n  two(): void {\n"
        "    go();\n  }\n}\n",
        [("one", 4, 6, "One."), ("A.two", 10, 13, "two")],
    ),
    "tsx": (
        "export const A = () => {\n  return <b>a</b>;\n};\nconst B = memo(() => {\n"
        "  return <A />;\n});\n",
        [("A", 1, 3, ""), ("B", 4, 6, "")],
    ),
    "go": (
        "package a\n\n// One is one.\n//go:noinline\nfunc One() int {\n\treturn 1\n}\n\n"
        "type S struct{ a int }\n\nfunc (s *S) Two() { s.a++ }\n",
        [("One", 5, 7, "One is one."), ("S.Two", 11, 11, "")],
    ),
    "cpp": (
        "#include <a>\n// one\ntemplate <class T>\nT one(T a) {\n  return a;\n}\nclass A {\n  int x;\n"
        "  int none();\n  A() = default;\n  int& two() { return x; }\n};\nint A::none() { return 1; }\n",
        [("one", 3, 6, "one"), ("A.two", 11, 11, ""), ("A::none", 13, 13, "")],
    ),
    "c": (
        "int none(int a);\n/* one */\nstatic char *one(void)\n{\n  return 0;\n}\n",
        [("one", 3, 6, "one")],
    ),
    "rust": (
        "//! Head.\nuse a::b;\n/// One.\n/// More.\n#[inline]\npub fn one(a: i32) -> i32 {\n    a\n}\n"
        "impl S {\n    fn two(&self) -> i32 { 2 }\n}\ntrait T { fn none(); }\n",
        [("one", 5, 8, "One.\nMore."), ("S.two", 10, 10, "")],
    ),
    "csharp": (
        "using A;\nnamespace N;\nclass C {\n  int P { get; set; }\n  /// <summary>\n  /// One.\n"
        "  /// </summary>\n  [Fact]\n  int One() {\n    return 1;\n  }\n  int Two => 2;\n}\n",
        [("C.One", 8, 11, "One."), ("C.Two", 12, 12, "")],
    ),
    "ruby": (
        "require 'a'\nclass A\n  attr_reader :x\n  # One.\n  def one\n    1\n  end\n"
        "  def self.none; end\nend\n",
        [("A.one", 5, 7, "One.")],
    ),
    "php": (
        "<?php\nnamespace A;\nuse B\\C;\n/** One. */\nfunction one($a) {\n  return $a;\n}\nclass D {\n"
        "  private $x;\n  #[R]\n  public function two() { return 2; }\n}\n",
        [("one", 5, 7, "One."), ("D.two", 10, 11, "")],
    ),
}


def test_every_language_has_an_example_here() -> None:
    assert {language.name for language in LANGUAGES} == set(SOURCES)


@pytest.mark.parametrize("language", SOURCES)
def test_functions_are_found_with_their_lines_names_and_words(language: str) -> None:
    text, expected = SOURCES[language]
    found = functions(text, language)
    assert [(f.name, f.start_line, f.end_line, f.doc) for f in found] == expected


@pytest.mark.parametrize("language", SOURCES)
def test_only_lines_of_functions_hold_code_in_these_examples(language: str) -> None:
    text, expected = SOURCES[language]
    inside = {line for _, start, end, _ in expected for line in range(start, end + 1)}
    assert outline(text, language).code_lines <= inside


@pytest.mark.parametrize("language", SOURCES)
@pytest.mark.parametrize(
    "text",
    ["", "\n", "\0", "\ud800", "(" * 3000, "{" * 3000, "'", "/*", "\ufeffx\r\n\x0c\x0b\u2028\r"],
)
def test_no_text_crashes_a_parser(language: str, text: str) -> None:
    assert isinstance(functions(text, language), tuple)


def test_an_unknown_language_has_no_functions() -> None:
    assert functions("int f() { return 1; }", "cobol") == ()


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", "python"),
        ("src/A.JAVA", "java"),
        ("x.mjs", "javascript"),
        ("x.d.ts", "typescript"),
        ("x.tsx", "tsx"),
        ("x.h", "cpp"),
        ("x.c", "c"),
        ("Rakefile", "ruby"),
        ("x.py.txt", ""),
        ("py", ""),
        ("", ""),
    ],
)
def test_the_language_is_told_by_the_name(path: str, language: str) -> None:
    assert language_of(path) == language


def test_an_extension_belongs_to_one_language() -> None:
    extensions = [extension for language in LANGUAGES for extension in language.extensions]
    assert len(extensions) == len(set(extensions))


def test_text_that_would_stop_a_parser_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooHard):
        tree_of("a<" * 6000, "java")
    monkeypatch.setattr(languages, "PARSE_LIMIT_S", -1.0)
    with pytest.raises(TooHard):
        tree_of("x = f(1)\n" * 2000, "python")


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("# noqa: E501\n# Adds two.", "Adds two."),
        ("/**\n * Adds.\n *\n * @return sum\n **/", "Adds.\n\n@return sum"),
        ("// -----\n// Part\n// -----", "Part"),
        ("/// <summary>Adds.</summary>", "Adds."),
        ("=begin\nAdds.\n=end", "Adds."),
        ("//eslint-disable-next-line", ""),
        ("# Copyright 2026 A", ""),
    ],
)
def test_a_comment_is_told_without_its_marks(comment: str, words: str) -> None:
    assert comment_text(comment) == words


@pytest.mark.parametrize(
    ("literal", "words"),
    [('"""One.\n\n    Two.\n    """', "One.\n\nTwo."), ("r'x'", "x"), ('""""""', ""), ("x", "")],
)
def test_a_docstring_is_told_without_its_quotes(literal: str, words: str) -> None:
    assert docstring_text(literal) == words
