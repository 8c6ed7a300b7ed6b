"""Decide the rules of a repository from the text of its `.gavel.toml`. No I/O."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal

import pathspec
from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError, field_validator
from pydantic_core import ErrorDetails

from worker.escape import plain

RULES_FILE = ".gavel.toml"
MAX_PROBLEMS = 5


class Gate(StrEnum):
    """What a finding does to the merge."""

    OFF = "off"
    SHADOW = "shadow"
    ADVISE = "advise"
    BLOCK = "block"


class RulesError(ValueError):
    """The rules cannot be used; the message names each line and key, and the remedy."""


class Rules(BaseModel):
    """How one repository wants to be reviewed; read from its base branch only."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Rules of Gavel for a repository")

    threshold: Annotated[float, Field(strict=True, ge=0.0, le=1.0, allow_inf_nan=False)] = Field(
        default=0.3, description="Comment on snippets whose P(correct) is below this, from 0 to 1."
    )
    limit: Annotated[int, Field(strict=True, ge=0, le=50)] = Field(
        default=5,
        description="The most comments of one review, worst first; the summary counts the rest.",
    )
    gate: Gate = Field(
        default=Gate.ADVISE,
        description=(
            "What a finding does: off and shadow show nothing, advise comments, "
            "block also fails the check."
        ),
    )
    not_judged: Literal["neutral", "action_required"] = Field(
        default="neutral",
        description=(
            "How a change that could not be judged ends: neutral lets a required check pass, "
            "action_required does not. Either way its title says that it was not judged."
        ),
    )
    languages: tuple[StrictStr, ...] = Field(
        default=(), description="Judge only these languages, such as python or go; empty means all."
    )
    ignore: tuple[StrictStr, ...] = Field(
        default=(), description="Files that are never judged, as gitignore patterns."
    )

    @field_validator("ignore")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                pathspec.GitIgnoreSpec.from_lines([pattern])
            except ValueError:
                raise ValueError(f"{pattern!r} is not a gitignore pattern") from None
        return patterns

    def ignores(self, path: str) -> bool:
        """Whether `path` matches the `ignore` patterns, the last match deciding as in git."""
        return bool(self.ignore) and pathspec.GitIgnoreSpec.from_lines(self.ignore).match_file(path)


DEFAULT_RULES = Rules()


def parse_rules(text: str) -> Rules:
    """The rules in the text of a `.gavel.toml`; raises RulesError naming line and key."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(_syntax_sentence(error, text)) from error
    except RecursionError as error:
        raise RulesError(f"{RULES_FILE}: nested too deeply to be read; use plain keys") from error
    try:
        return Rules.model_validate(values)
    except ValidationError as error:
        raise RulesError(_sentences(error.errors(), text)) from error


def schema() -> dict[str, object]:
    """The JSON schema of `.gavel.toml`, as published in `gavel.schema.json`."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Rules.model_json_schema()}


def _syntax_sentence(error: tomllib.TOMLDecodeError, text: str) -> str:
    found = re.search(r"^(.*?) \(at line (\d+), column (\d+)\)$", str(error), re.DOTALL)
    if found is None:
        return f"{RULES_FILE} line {text.count(chr(10)) + 1}: {error}"
    line = int(found[2])
    row = text.splitlines()[line - 1 : line]
    key = re.match(r"\s*([\w.-]+)\s*=", row[0]) if row else None
    at_key = f", key '{key[1]}'" if key else ""
    return f"{RULES_FILE} line {line}{at_key}: not valid TOML: {found[1]} (column {found[3]})"


def _sentences(errors: Sequence[ErrorDetails], text: str) -> str:
    problems = sorted((_line_of(str(e["loc"][0]), text), _sentence(e)) for e in errors)
    shown = [f"{RULES_FILE} line {line}, {sentence}" for line, sentence in problems[:MAX_PROBLEMS]]
    if len(problems) > MAX_PROBLEMS:
        shown.append(f"and {len(problems) - MAX_PROBLEMS} more")
    return "; ".join(shown)


def _sentence(error: ErrorDetails) -> str:
    key = plain(".".join(str(part) for part in error["loc"]), limit=60)
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, Rules.model_fields, n=1)
        remedy = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(Rules.model_fields)}"
        return f"key '{key}': unknown; {remedy}"
    message = error["msg"].removeprefix("Value error, ")
    given = plain(repr(error["input"]), limit=60)
    return f"key '{key}': {message[:1].lower()}{message[1:]}, not {given}"


def _line_of(key: str, text: str) -> int:
    """1-based line where the top-level `key` is set, as a pair or a table; 1 if it hides."""
    name = re.escape(key)
    at = re.compile(rf"""^\s*\[*\s*(["']?){name}\1\s*[=.\]]""")
    rows = enumerate(text.splitlines(), start=1)
    return next((number for number, row in rows if at.match(row)), 1)
