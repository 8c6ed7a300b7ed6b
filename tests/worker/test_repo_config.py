import json
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

import worker
from worker.repo_config import DEFAULT_RULES, Gate, Rules, RulesError, parse_rules, schema

FULL = """\
# how we want to be reviewed
threshold = 0.25
limit = 3
gate = "block"
not_judged = "action_required"
languages = ["python", "go"]
ignore = ["*.md", "!keep.md", "gen/**"]
"""


def refusal(text: str) -> str:
    with pytest.raises(RulesError) as caught:
        parse_rules(text)
    return str(caught.value)


def test_an_empty_file_gives_the_defaults() -> None:
    assert parse_rules("") == parse_rules("# nothing\n") == DEFAULT_RULES


def test_every_key_is_read() -> None:
    assert parse_rules(FULL) == Rules(
        threshold=0.25,
        limit=3,
        gate=Gate.BLOCK,
        not_judged="action_required",
        languages=("python", "go"),
        ignore=("*.md", "!keep.md", "gen/**"),
    )


@pytest.mark.parametrize("word", ["off", "shadow", "advise", "block"])
def test_every_gate_is_accepted(word: str) -> None:
    assert parse_rules(f'gate = "{word}"').gate.value == word


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("limit = 3\nthreshold = 1.5", 2, "threshold"),
        ("threshold = nan", 1, "threshold"),
        ("threshold = true", 1, "threshold"),
        ('threshold = "0.5"', 1, "threshold"),
        ("\n\nlimit = -1", 3, "limit"),
        ("limit = 2.5", 1, "limit"),
        ('gate = "blok"', 1, "gate"),
        ("[gate]\nmode = 1", 1, "gate"),
        ('not_judged = "pass"', 1, "not_judged"),
        ('limit = 1\n"languages" = [1]', 2, "languages.0"),
        ('ignore = ["ok", "!"]', 1, "ignore"),
        ("limit = 1\n  ignore = 'x'", 2, "ignore"),
        ("# a line\u2028still\nlimit = 'x'", 2, "limit"),
        ("# a line\u2028still\nlimit = = 1", 2, "limit"),
    ],
)
def test_a_wrong_value_is_told_by_its_line_and_key(text: str, line: int, key: str) -> None:
    assert refusal(text).startswith(f".gavel.toml line {line}, key '{key}': ")


def test_an_unknown_key_is_an_error_that_suggests_the_known_one() -> None:
    assert refusal("limit = 1\ntreshold = 0.2") == (
        ".gavel.toml line 2, key 'treshold': unknown; did you mean 'threshold'?"
    )
    assert "known: threshold, thresholds, limit" in refusal("zzz = 1")


def test_several_problems_are_told_in_the_order_of_their_lines() -> None:
    told = refusal("limit = 99\nzzz = 1\nthreshold = 7")
    assert told.index("line 1") < told.index("line 2") < told.index("line 3")


def test_a_wall_of_problems_is_cut() -> None:
    assert refusal("\n".join(f"k{n} = 1" for n in range(40))).endswith("; and 35 more")


@pytest.mark.parametrize(
    ("text", "line"),
    [("limit = = 3", 1), ("limit = 3\ngate = 'x", 2), ("a = 1\na = 2", 2), ("limit = 1\nx", 2)],
)
def test_broken_toml_is_told_by_its_line(text: str, line: int) -> None:
    assert refusal(text).startswith(f".gavel.toml line {line}")


def test_a_bottomless_file_is_an_error_like_any_other() -> None:
    assert "nested too deeply" in refusal("a = " + "[" * 20_000)


@pytest.mark.parametrize("text", ['gate = "{}"', '"{}" = 1', '[limit]\n"{}" = 1'])
def test_a_message_carries_no_control_characters_from_the_file(text: str) -> None:
    told = refusal(text.format("\\u001b[31m\\u202e\\n"))
    assert not set(told) & {"\x1b", "\u202e", "\n"}


def test_patterns_ignore_as_git_does() -> None:
    rules = parse_rules(FULL)
    assert rules.ignores("docs/a.md") and rules.ignores("gen/x/y.py")
    assert not rules.ignores("docs/keep.md") and not rules.ignores("src/a.py")
    assert not DEFAULT_RULES.ignores("a.md")


def test_rules_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        DEFAULT_RULES.limit = 9


def test_the_published_schema_is_that_of_the_code() -> None:
    published = Path(worker.__file__).parent / "gavel.schema.json"
    assert json.loads(published.read_text()) == schema(), (
        "write it again: python -c 'import json, worker.repo_config as c; "
        "print(json.dumps(c.schema(), indent=2))' > worker/gavel.schema.json"
    )


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("limit = 3\n\n[precision]\nleast = 5\nblock = 7.0", 5, "precision.block"),
        ("[precision]\nblok = 0.5", 2, "precision.blok"),
        ("precision.block = 7.0", 1, "precision.block"),
        ("limit = 1\nagents = { threshold = 3.0 }\nthreshold = 0.2", 2, "agents.threshold"),
        ("[thresholds]\npython = 0.4\ngo = -1.0", 3, "thresholds.go"),
        ("[thresholds]\nklingon = 0.4", 1, "thresholds"),
        ('limit = 1\nlanguages = ["go", 3]', 2, "languages.1"),
        ('limit = 1\nlocale = "eo"', 2, "locale"),
    ],
)
def test_an_error_inside_a_table_names_its_own_line(text: str, line: int, key: str) -> None:
    assert refusal(text).startswith(f".gavel.toml line {line}, key '{key}': ")


def test_an_unknown_key_of_a_table_is_told_those_of_the_table() -> None:
    assert "did you mean 'block'?" in refusal("[precision]\nblok = 0.5")


def test_a_language_has_its_own_threshold_and_agents_a_stricter_one() -> None:
    rules = parse_rules("threshold = 0.3\n[thresholds]\ngo = 0.2\n[agents]\nthreshold = 0.5\n")
    assert (rules.threshold_for("go"), rules.threshold_for("python")) == (0.2, 0.3)
    assert rules.threshold_for("go", by_agent=True) == 0.5
    assert parse_rules("[agents]\nthreshold = 0.1").threshold_for("go", by_agent=True) == 0.3


def test_the_schema_takes_and_refuses_what_the_parser_does() -> None:
    validator = Draft202012Validator(schema())
    for text in ("", FULL, "[precision]\nblock = 0.9", "[agents]\nnames = ['bot']"):
        assert validator.is_valid(tomllib.loads(text)) and parse_rules(text)
    for text in ("x = 1", "limit = 51", "gate = 'on'", "[precision]\nleast = 0", "locale = 'eo'"):
        assert not validator.is_valid(tomllib.loads(text))
        refusal(text)
