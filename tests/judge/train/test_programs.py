from __future__ import annotations

import pytest

from judge.train.programs import code_of, program, signature_of

JAVA = """import java.util.*;

class Twice {
    /**
     * Doubles {x}.
     */
    public static int twice(int x) {
"""
JAVASCRIPT = "/**\n * Doubles. {\n */\nfunction twice(x) {\n"
CPP = (
    "#include <bits/stdc++.h>\nusing namespace std;\n\n/**\n * Doubles.\n */\nint twice(int x) {\n"
)
PYTHON = 'def twice(x):\n  """\n  Doubles.\n  >>> twice(2)\n  4\n  """\n'


def test_a_main_method_and_a_second_class_are_cut() -> None:
    body = (
        "        return 2 * x;\n    }\n\n"
        "    public static void main(String[] args) { System.out.println(twice(2)); }\n}\n"
        "class Other { }\n"
    )
    assert program(JAVA, body, "java") == JAVA + "        return 2 * x;\n    }\n}\n"


def test_a_java_body_that_leaves_its_class_open_is_closed() -> None:
    assert program(JAVA, "        return 2 * x;\n    }\n", "java").endswith("    }\n}\n")


def test_methods_that_the_function_uses_stay_with_those_that_they_use() -> None:
    body = (
        "        return add(x, x);\n    }\n"
        "    static int add(int a, int b) { return id(a) + ONE * b; }\n"
        "    static int id(int a) { return a; }\n"
        "    static final int ONE = 1;\n"
        "    static int unused(int a) { return a; }\n}\n"
    )
    text = program(JAVA, body, "java")
    assert all(name in text for name in ("int add(", "int id(", "int ONE"))
    assert "unused" not in text


def test_example_calls_after_a_function_are_cut() -> None:
    body = "  return half(x) * 4;\n}\nconst half = (x) => x / 2;\nconsole.log(twice(2));\n"
    text = program(JAVASCRIPT, body, "javascript")
    assert "const half" in text
    assert "console.log" not in text


def test_a_cpp_main_is_cut() -> None:
    text = program(CPP, "    return 2 * x;\n}\n\nint main() { return twice(1); }\n", "cpp")
    assert "main" not in text
    assert text.startswith(CPP)


@pytest.mark.parametrize("body", ["  return (;\n}\n", "  if (x) {\n  return 1;\n", ""])
def test_a_broken_body_is_left_as_the_model_wrote_it(body: str) -> None:
    assert program(JAVASCRIPT, body, "javascript") == JAVASCRIPT + body


def test_a_docstring_is_moved_to_the_indentation_of_the_body() -> None:
    text = program(PYTHON, "    return 2 * x\n", "python")
    namespace: dict[str, object] = {}
    exec(text, namespace)
    assert namespace["twice"](4) == 8  # type: ignore[operator]


def test_a_signature_over_several_lines_ends_at_its_colon() -> None:
    prompt = 'def f(\n    a,\n    b,\n):\n    """Adds."""\n'
    assert signature_of(prompt, "python") == "def f(\n    a,\n    b,\n):"
    assert program(prompt, "  return a + b\n", "python").endswith("  return a + b\n")


@pytest.mark.parametrize(
    ("prompt", "language", "expected"),
    [
        (JAVA, "java", "public static int twice(int x) {"),
        (JAVASCRIPT, "javascript", "function twice(x) {"),
        (CPP, "cpp", "int twice(int x) {"),
        (PYTHON, "python", "def twice(x):"),
    ],
)
def test_the_signature_has_no_documentation(prompt: str, language: str, expected: str) -> None:
    assert signature_of(prompt, language) == expected


def test_the_code_is_the_function_alone_from_its_margin() -> None:
    body = "        return 2 * x;\n    }\n    public static void main(String[] a) { }\n}\n"
    assert code_of(JAVA, body, "java") == "public static int twice(int x) {\n    return 2 * x;\n}"
    assert code_of(PYTHON, "    return 2 * x\n", "python") == "def twice(x):\n    return 2 * x"
    assert (
        code_of(CPP, "    return 2 * x;\n}\n", "cpp") == "int twice(int x) {\n    return 2 * x;\n}"
    )


def test_the_code_of_a_broken_body_is_what_the_model_wrote() -> None:
    assert (
        code_of(JAVASCRIPT, "  return (;\n}\n", "javascript")
        == "function twice(x) {\n  return (;\n}"
    )
