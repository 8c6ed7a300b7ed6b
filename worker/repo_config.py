"""Decide the rules of a repository from the text of its `.gavel.toml`. No I/O."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Literal

import pathspec
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
    ValidationError,
    field_validator,
)
from pydantic_core import ErrorDetails

from judge.languages import BY_NAME
from worker.escape import plain
from worker.text import lines_in

RULES_FILE = ".gavel.toml"
MAX_PROBLEMS = 5


class Gate(StrEnum):
    """What a finding does to the merge."""

    OFF = "off"
    SHADOW = "shadow"
    ADVISE = "advise"
    BLOCK = "block"


LOCALES = ("en", "de", "fr", "es", "zh", "ja")
Share = Annotated[float, Field(strict=True, ge=0.0, le=1.0, allow_inf_nan=False)]


class RulesError(ValueError):
    """The rules cannot be used; the message names each line and key, and the remedy."""


class Precision(BaseModel):
    """What the gate has to earn: the share of its comments that people here confirm."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: Literal["shadow", "advise", "block"] = Field(
        default="advise",
        description="The gate, at most `gate`, before `least` comments were confirmed or refuted.",
    )
    least: Annotated[int, Field(strict=True, ge=1, le=1000)] = Field(
        default=10, description="Confirmed or refuted comments from which on precision counts."
    )
    advise: Share = Field(
        default=0.3,
        description=(
            "Advising ends, in shadow, once even the upper end of the 95 % interval of precision "
            "is below this; from shadow it begins when the lower end reaches it."
        ),
    )
    block: Share = Field(
        default=0.7,
        description="Blocking needs that the lower end of the 95 % interval reaches this.",
    )


class Agents(BaseModel):
    """Changes with commits that a coding agent wrote, by their author or a trailer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: Share | None = Field(
        default=None,
        description="Threshold for such changes where it is above the one that holds otherwise.",
    )
    names: tuple[StrictStr, ...] = Field(
        default=(),
        description="More names of agents, as they stand in an author or a Co-authored-by line.",
    )


class Rules(BaseModel):
    """How one repository wants to be reviewed; read from its base branch only."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Rules of Gavel for a repository")

    threshold: Share = Field(
        default=0.3, description="Comment on snippets whose P(correct) is below this, from 0 to 1."
    )
    thresholds: dict[StrictStr, Share] = Field(
        default={}, description="Thresholds of single languages, such as python or go."
    )
    limit: Annotated[int, Field(strict=True, ge=0, le=50)] = Field(
        default=5,
        description="The most comments of one review, worst first; the summary counts the rest.",
    )
    max_snippets: Annotated[int, Field(strict=True, ge=1, le=200)] = Field(
        default=200, description="The most snippets of one change that are judged."
    )
    gate: Gate = Field(
        default=Gate.ADVISE,
        description=(
            "What a finding does: off and shadow show nothing, advise comments, "
            "block also fails the check. It is the highest rung: see `precision`."
        ),
    )
    precision: Precision = Field(
        default=Precision(), description="What advising and blocking have to earn."
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
    paths: tuple[StrictStr, ...] = Field(
        default=(), description="Judge only these files, as gitignore patterns; empty means all."
    )
    ignore: tuple[StrictStr, ...] = Field(
        default=(), description="Files that are never judged, as gitignore patterns."
    )
    agents: Agents = Field(
        default=Agents(), description="What differs where a coding agent wrote commits."
    )
    suggestions: StrictBool = Field(
        default=True,
        description="Answer code that people and other bots suggest with a verdict.",
    )
    locale: Literal["en", "de", "fr", "es", "zh", "ja"] = Field(
        default="en", description="Language of the comments and the check."
    )

    @field_validator("thresholds")
    @classmethod
    def _languages_exist(cls, thresholds: dict[str, float]) -> dict[str, float]:
        for name in thresholds:
            if name not in BY_NAME:
                raise ValueError(f"{name!r} is no language: known are {', '.join(BY_NAME)}")
        return thresholds

    @field_validator("ignore", "paths")
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

    def threshold_for(self, language: str, *, by_agent: bool = False) -> float:
        """P(correct) below which a snippet of `language` is a finding."""
        own = self.thresholds.get(language, self.threshold)
        stricter = self.agents.threshold if by_agent else None
        return own if stricter is None else max(own, stricter)


DEFAULT_RULES = Rules()
TABLES: Mapping[str, type[BaseModel]] = {"precision": Precision, "agents": Agents}


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
    row = lines_in(text)[line - 1 : line]
    key = re.match(r"\s*([\w.-]+)\s*=", row[0]) if row else None
    at_key = f", key '{key[1]}'" if key else ""
    return f"{RULES_FILE} line {line}{at_key}: not valid TOML: {found[1]} (column {found[3]})"


def _sentences(errors: Sequence[ErrorDetails], text: str) -> str:
    problems = sorted((_line_of([str(at) for at in e["loc"]], text), _sentence(e)) for e in errors)
    shown = [f"{RULES_FILE} line {line}, {sentence}" for line, sentence in problems[:MAX_PROBLEMS]]
    if len(problems) > MAX_PROBLEMS:
        shown.append(f"and {len(problems) - MAX_PROBLEMS} more")
    return "; ".join(shown)


def _sentence(error: ErrorDetails) -> str:
    key = plain(".".join(str(part) for part in error["loc"]), limit=60)
    if error["type"] == "extra_forbidden":
        known = _fields_beside(error["loc"])
        near = difflib.get_close_matches(str(error["loc"][-1]), known, n=1)
        remedy = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}"
        return f"key '{key}': unknown; {remedy}"
    message = error["msg"].removeprefix("Value error, ")
    given = plain(repr(error["input"]), limit=60)
    return f"key '{key}': {message[:1].lower()}{message[1:]}, not {given}"


def _fields_beside(loc: tuple[int | str, ...]) -> Sequence[str]:
    """The keys that are known where an unknown one stands."""
    model = TABLES.get(str(loc[0]), Rules) if len(loc) > 1 else Rules
    return tuple(model.model_fields)


def _line_of(keys: Sequence[str], text: str) -> int:
    """1-based line where a key is set, in its table or under its dotted name; 1 if it hides."""
    rows = list(enumerate(lines_in(text), start=1))
    outer = _first(keys[0], rows)
    if len(keys) == 1 or keys[1].isdigit():
        return outer
    head = re.compile(rf"""\s*\[\s*(["']?){re.escape(keys[0])}\1\s*\]""")
    start = next((number for number, row in rows if head.match(row)), 0)
    if not start:
        return _first(f"{keys[0]}.{keys[1]}", rows, default=outer)
    return _first(keys[1], [row for row in rows if row[0] > start], default=start)


def _first(key: str, rows: Sequence[tuple[int, str]], *, default: int = 1) -> int:
    """The first of the numbered `rows` that sets `key`."""
    return next((number for number, row in rows if _sets(key, row)), default)


def _sets(key: str, row: str) -> bool:
    name = re.escape(key)
    return re.match(rf"""^\s*\[*\s*(["']?){name}\1\s*[=.\]]""", row) is not None
