"""Every code block of the pages runs in a test, or says why it cannot; its words are checked."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator
from typer.main import get_command

from bot.cli import build
from judge.train.suite_label import read_suite
from tests.bare import walk_of
from tests.docs.blocks import ROOT, Block, blocks
from worker.repo_config import Rules, parse_rules

ALL = list(blocks())
SHELL, KNOWN = {"bash", ""}, {"bash", "", "text", "toml", "yaml", "json", "python", "mermaid"}
WALKS, JOURNEYS = "tests/docs/test_walks.py", "tests/journey/test_from_nothing.py"
DATA = "tests/docs/test_data_walks.py"
# Blocks of a name -> the test that runs them, all of them and in order.
RUN = {
    "tutorial": WALKS,
    "plug-in": WALKS,
    "release": WALKS,
    "tag": WALKS,
    "clone": WALKS,
    "own-repository": WALKS,
    "secrets": "tests/docs/test_operators.py",
    "study": "tests/journey/test_study.py",
    "make": "tests/bot/demo/test_run.py",
    "review": "tests/docs/test_first_steps.py",
    "weights": "tests/docs/test_first_steps.py",
    **dict.fromkeys(("train", "changes", "pairs", "figures"), DATA),
    "python": "tests/docs/test_blocks.py",
    "action": "tests/journey/test_action.py",
    "install": JOURNEYS,
    "gitlab-ci": JOURNEYS,
    "completion": JOURNEYS,
    "closed-network": JOURNEYS,
    "self-hosted": "tests/journey/test_self_hosted.py",
    "gitlab": "tests/journey/test_self_hosted.py",
}
# Why a block cannot run in a test. tests/docs/test_operators.py has the programs read its lines.
NEEDS = {
    "docker": "an engine that builds and runs images",
    "cluster": "Kubernetes",
    "hours": "a machine for itself, for long; tests/bench tries the parts of the benches",
}
MAKE = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
APP = get_command(build())


def of(*languages: str) -> list[Block]:
    return [one for one in ALL if one.language in languages]


def commands(block: Block) -> Iterator[list[str]]:
    """The words of each line that calls `gavel` or `make`, without what is piped or redirected."""
    inside_file = False
    for line in block.body.splitlines():
        if inside_file or line.startswith("#"):
            inside_file = inside_file and line != "END"
            continue
        inside_file = "<<'END'" in line
        called = re.search(r"(?:^|[|;&] )(?:\.venv/bin/)?(gavel|make) (.*)", line)
        if called:
            told = re.sub(r"\$\(.*?\)", "", called[2])
            yield [called[1], *shlex.split(told.split(" | ")[0].split("#")[0])]


def schema(name: str) -> Draft7Validator:
    vendored = resources.files("check_jsonschema") / f"builtin_schemas/vendor/{name}.json"
    return Draft7Validator(json.loads(vendored.read_text(encoding="utf-8")))


def test_the_pages_hold_blocks_of_every_kind() -> None:
    assert len(ALL) > 30
    assert {"bash", "yaml", "toml", "text"} <= {one.language for one in ALL}


@pytest.mark.parametrize("block", ALL, ids=str)
def test_a_block_is_of_a_known_language_and_mark(block: Block) -> None:
    kind, _, rest = block.mark.partition(": ")
    assert block.language in KNOWN
    assert not kind or rest.split(",")[0] in {"run": RUN, "needs": NEEDS}[kind]
    assert kind or block.language not in SHELL, f"{block} is run by no test and says not why"


@pytest.mark.parametrize("name", RUN)
def test_blocks_that_are_said_to_run_are_named_by_the_test_that_runs_them(name: str) -> None:
    assert f'"{name}"' in (ROOT / RUN[name]).read_text("utf-8")
    assert any(one.mark.partition(",")[0] == f"run: {name}" for one in ALL)


def test_what_a_page_has_installed_is_what_the_test_of_it_installs() -> None:
    marked = [one for one in ALL if one.mark == "run: install"]
    assert len(marked) >= 3
    assert {one.body for one in marked} == {"pipx install gavel-bot\ngavel pull\n"}


def called(block: Block, words: list[str]) -> object:
    """The command that `words` call, which keeps what comes after its name."""
    command = APP
    while words and hasattr(command, "commands"):
        if words[0].startswith("-"):
            break
        name = words.pop(0)
        assert name in command.commands, f"{block} calls {name}, which is no command"
        command = command.commands[name]
    return command


@pytest.mark.parametrize("block", of(*SHELL), ids=str)
def test_every_command_of_a_block_exists_with_its_options(block: Block) -> None:
    for program, *words in commands(block):
        if program == "make":
            assert set(words) <= MAKE
            continue
        command = called(block, words)
        known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= known | {"--help"}, block


@pytest.mark.parametrize("block", of("text"), ids=str)
def test_a_synopsis_tells_what_a_command_takes_and_what_it_must_be_given(block: Block) -> None:
    for line in (one for one in block.body.splitlines() if one.startswith("gavel ")):
        optional = re.findall(r"\[(--[\w-]+)", line)
        words = re.sub(r"\[[^]]*\]", "", line).split()[1:]
        command = called(block, words)
        needed = [word for word in words if word.startswith("--")]
        options = [one for one in command.params if one.param_type_name == "option"]
        assert {*optional, *needed} <= {name for one in options for name in one.opts}, line
        must = {name for one in options if one.required for name in one.opts}
        assert must <= set(needed), line
        place = words.index(needed[0]) if needed else len(words)
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        assert len(words[:place]) == len(arguments), line


@pytest.mark.parametrize("block", of(*SHELL), ids=str)
def test_every_file_of_the_project_that_a_block_names_exists(block: Block) -> None:
    named = re.findall(r"(?:^|\s)((?:bench|tools|deploy|examples)/[\w./-]+)", block.body)
    assert [one for one in named if not (ROOT / one).exists()] == []


@pytest.mark.parametrize("block", of("toml", "json"), ids=str)
def test_data_is_read_and_rules_are_rules(block: Block, tmp_path: Path) -> None:
    value = {"toml": tomllib.loads, "json": json.loads}[block.language](block.body)
    if set(value) & set(Rules.model_fields):
        parse_rules(block.body)
    elif block.title == "pyproject.toml":
        example = tomllib.loads((ROOT / "examples/plugins/pyproject.toml").read_text("utf-8"))
        assert value["project"]["entry-points"] == example["project"]["entry-points"]
    elif block.language == "toml":
        (tmp_path / "gavel-tasks.toml").write_text(block.body)
        assert read_suite(tmp_path).tasks


@pytest.mark.parametrize("block", of("python"), ids=str)
def test_python_runs(block: Block) -> None:
    assert block.mark == "run: python"
    exec(compile(block.body, str(block), "exec"), {"__name__": "example"})


@pytest.mark.parametrize("block", of("yaml"), ids=str)
def test_yaml_is_what_its_title_says(block: Block) -> None:
    value = yaml.safe_load(block.body)
    if block.title.startswith(".github/workflows/"):
        told = {"on" if key is True else key: one for key, one in value.items()}  # YAML 1.1
        assert list(schema("github-workflows").iter_errors(told)) == []
    if block.title == ".gitlab-ci.yml":
        assert list(schema("gitlab-ci").iter_errors(value)) == []
        told = next(yaml.safe_load_all((ROOT / "templates" / "gavel.yml").read_text("utf-8")))
        (included,) = value["include"]
        assert set(included["inputs"]) <= set(told["spec"]["inputs"])
    if block.title == ".pre-commit-config.yaml":
        hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
        assert {one["id"] for one in value["repos"][0]["hooks"]} <= {one["id"] for one in hooks}


@pytest.mark.parametrize("block", of("yaml"), ids=str)
def test_steps_give_the_action_inputs_that_it_has(block: Block) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    jobs = yaml.safe_load(block.body).get("jobs", {"job": yaml.safe_load(block.body)})
    steps = [step for job in jobs.values() for step in job.get("steps", [])]
    for step in steps:
        if step.get("uses", "").startswith("OWNER/gavel@"):
            assert set(step.get("with", {})) <= set(action["inputs"])
    used = re.findall(r"steps\.gavel\.outputs\.(\w+)", block.body)
    assert set(used) <= set(action["outputs"])


def test_every_input_and_output_of_the_action_is_on_its_page() -> None:
    page = (ROOT / "docs" / "how-to" / "action.md").read_text("utf-8")
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    assert [
        name for name in (*action["inputs"], *action["outputs"]) if f"`{name}`" not in page
    ] == []


MOST_COMMANDS = 10
# From an empty machine to a reviewed change: the page, and the names of the blocks in turn.
PATHS = {
    ("action.md", "action"),
    ("gitlab-ci.md", "gitlab-ci"),
    ("self-hosted.md", "install", "self-hosted"),
    ("self-hosted.md", "install", "gitlab"),
    ("local.md", "install", "completion"),
}


@pytest.mark.parametrize(("page", "names"), [(one[0], one[1:]) for one in sorted(PATHS)])
def test_each_path_to_a_reviewed_change_takes_few_commands(
    page: str, names: tuple[str, ...]
) -> None:
    walked = [one for name in names for one in walk_of(f"docs/how-to/{page}", name)]
    lines = [line for one in walked if one.language == "bash" for line in one.body.splitlines()]
    assert 0 < len(lines) <= MOST_COMMANDS
