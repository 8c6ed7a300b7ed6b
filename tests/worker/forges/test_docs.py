from pathlib import Path

import pytest
from pydantic import BaseModel

from worker import render
from worker.forges import github_checks, github_errors
from worker.repo_config import Rules
from worker.types import Conclusion

DOCS = (Path(__file__).parents[3] / "docs" / "forges.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "limit",
    [
        render.MAX_COMMENT,
        render.MAX_SUMMARY,
        render.MAX_TITLE,
        github_checks.MAX_ANNOTATIONS,
        github_checks.MAX_DESCRIPTION,
        int(github_errors.SECONDARY_WAIT_S),
    ],
)
def test_every_limit_of_a_forge_is_documented(limit: int) -> None:
    assert f"{limit:,}" in DOCS


@pytest.mark.parametrize("key", Rules.model_fields)
def test_every_rule_is_documented_with_its_default(key: str) -> None:
    (row,) = [line for line in DOCS.splitlines() if line.startswith(f"| `{key}` |")]
    default = Rules.model_fields[key].default
    shown = str(getattr(default, "value", default))
    is_plain = not isinstance(default, tuple | dict | BaseModel)
    assert not is_plain or f"`{shown.lower()}`" in row


@pytest.mark.parametrize("conclusion", list(Conclusion))
def test_every_conclusion_is_documented_with_githubs_words(conclusion: Conclusion) -> None:
    (row,) = [line for line in DOCS.splitlines() if line.startswith(f"| {conclusion.value} |")]
    assert f"`{github_checks.RUN_WORDS[conclusion]}`" in row
    assert f"`{github_checks.STATUS_WORDS[conclusion]}`" in row


def test_the_names_to_require_are_documented() -> None:
    assert f"`{github_checks.CHECK_NAME}`" in DOCS and f"`{github_checks.STATUS_CONTEXT}`" in DOCS
