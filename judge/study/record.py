"""The values that a study's folder keeps about itself. Decides; no I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from judge.study.answers import BadAnswers
from judge.study.config import Price, Published

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class DataRecord:
    """A data set: its folder, its title, the files that it was read from, and tasks in them."""

    name: str
    title: str
    file: str
    sha256: str
    in_file: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """What is measured, where and from what.

    commit   of the checkout that ran, None where there is none
    systems  names in the order of the configuration
    price    of the processor, where the configuration states one
    missing  "data set/system" -> one clause that says why it was not measured
    """

    commit: str | None
    machine: str
    limit: int | None
    data: tuple[DataRecord, ...]
    systems: tuple[str, ...]
    published: tuple[Published, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    price: Price | None = None


def text_of(record: Record) -> str:
    """The record as JSON."""
    return json.dumps({"schema_version": SCHEMA_VERSION, **asdict(record)}, indent=1) + "\n"


def record_of(text: str) -> Record:
    """The record in a text that `text_of` made. Raises BadAnswers."""
    try:
        told = json.loads(text)
        if told.pop("schema_version") != SCHEMA_VERSION:
            raise BadAnswers("the study was kept by another version of Gavel: run it again")
        return Record(
            commit=told["commit"],
            machine=told["machine"],
            limit=told["limit"],
            data=tuple(DataRecord(**one) for one in told["data"]),
            systems=tuple(told["systems"]),
            published=tuple(Published(**one) for one in told["published"]),
            missing=dict(told["missing"]),
            price=Price(**told["price"]) if told.get("price") else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, BadAnswers):
            raise
        raise BadAnswers("the study's record is damaged: run the study again") from None
