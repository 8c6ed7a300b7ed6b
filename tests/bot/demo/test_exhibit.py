"""The change that ships with Gavel is whole, and what it says of itself is true."""

from __future__ import annotations

import json
import tomllib

import pytest

from bot.demo.exhibit import FOLDER, Exhibit, load
from bot.demo.run import delivery
from bot.hooks import github
from judge import diff
from judge.registry import DEFAULT_MODEL, lookup
from judge.snippets import snippets
from judge.train import demo_change
from judge.train.demo_tests import Bench
from worker.jobs import ReviewJob
from worker.repo_config import RULES_FILE, parse_rules


@pytest.fixture(scope="module")
def exhibit() -> Exhibit:
    return load()


def test_it_has_eight_to_twelve_functions_in_three_files_and_two_languages(
    exhibit: Exhibit,
) -> None:
    assert 8 <= len(exhibit.functions) <= 12
    assert len({one.path for one in exhibit.functions}) == 3
    assert {one.language for one in exhibit.functions} == {"python", "javascript"}


def test_some_functions_are_right_and_some_are_wrong(exhibit: Exhibit) -> None:
    assert {one.recorded_passed for one in exhibit.functions} == {True, False}


def test_the_default_model_wrote_it(exhibit: Exhibit) -> None:
    made = json.loads((FOLDER / "generation.json").read_text())
    assert made["generator"] == DEFAULT_MODEL
    assert made["generator_sha256"] == lookup(DEFAULT_MODEL).sha256
    assert {"seed", "temperature"} <= made["settings"].keys()


def test_every_function_is_cut_from_its_answer_and_not_edited() -> None:
    made = json.loads((FOLDER / "generation.json").read_text())
    spec = tomllib.loads((FOLDER / "tasks.toml").read_text())
    stubs = {task["name"]: task["stub"] for task in spec["task"]}
    for row in made["functions"]:
        stub = stubs[row["name"]]
        assert row["code"] == demo_change.cut(stub, row["answer"], row["language"])


def test_the_patch_leads_from_the_base_to_the_head(exhibit: Exhibit) -> None:
    changed = {one.path: exhibit.head[one.path] for one in exhibit.functions}
    assert exhibit.patch == demo_change.patch(exhibit.base, changed)


def test_each_function_is_a_snippet_of_its_own(exhibit: Exhibit) -> None:
    found = {
        (snippet.path, snippet.name)
        for file in diff.parse(exhibit.patch)
        for snippet in snippets(file, exhibit.head[file.path])
    }
    assert {(one.path, one.name) for one in exhibit.functions} <= found


def test_its_rules_can_be_read(exhibit: Exhibit) -> None:
    parse_rules(exhibit.base[RULES_FILE])


def test_the_delivery_asks_for_a_review_of_the_head(exhibit: Exhibit) -> None:
    body = delivery(exhibit, "http://127.0.0.1:1")
    headers = {"X-GitHub-Event": "pull_request", "X-GitHub-Delivery": "d-1"}
    job = github.parse(headers, body)
    assert isinstance(job, ReviewJob)
    assert job.change.key == f"github:{exhibit.repo}#{exhibit.number}@{exhibit.head_sha}"


@pytest.mark.sandbox
def test_the_tests_end_as_recorded(exhibit: Exhibit) -> None:
    with Bench() as bench:
        for one in exhibit.functions:
            outcome = bench.run(one.language, f"{one.imports}\n{one.code}", one.tests)
            assert outcome.passed in {one.recorded_passed, None}, one.name
