"""Decide what a study's configuration says: data sets, systems, published figures. No I/O."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from judge.score import METHODS
from judge.study.rankings import RANKINGS

TOTAL = "total"  # the sum of the log-probabilities of the code's tokens; `logprob` is their mean
JUDGE_METHODS = (*METHODS, TOTAL)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}", re.IGNORECASE)
Fields = Mapping[str, object]


class BadConfig(ValueError):
    """The configuration is wrong: the message names the entry and the remedy."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """A file of labelled rows. `title` is what the report calls it."""

    name: str
    file: str
    title: str


@dataclass(frozen=True, slots=True)
class JudgeEntry:
    """Judges of one model: each method is a system of its own, and a row is read once for all.

    model  a name of the registry, or a folder
    """

    name: str
    model: str
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RankingEntry:
    """A ranking that needs no model; `name` is one of `judge.study.rankings.RANKINGS`."""

    name: str


@dataclass(frozen=True, slots=True)
class ChatEntry:
    """A model behind an OpenAI-compatible chat endpoint.

    url            address of the API, such as http://localhost:8080/v1
    key_env        name of the environment variable that holds the key, or "" for none
    samples        answers to count where the endpoint gives no log-probabilities
    max_tokens     of one answer
    price_in       money per million tokens that are sent; price_out, that come back
    cost_limit     money of all runs on one cache; None is no limit
    timeout_s      for one answer
    """

    name: str
    url: str
    model: str
    key_env: str = ""
    samples: int = 5
    max_tokens: int = 256
    price_in: float = 0.0
    price_out: float = 0.0
    currency: str = "USD"
    cost_limit: float | None = None
    timeout_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Published:
    """A figure that others published. It stands apart from what was measured here."""

    system: str
    data: str
    metric: str
    value: str
    source: str


Entry = JudgeEntry | RankingEntry | ChatEntry


@dataclass(frozen=True, slots=True)
class Study:
    """What is to be measured, and what was published."""

    data: tuple[DataSet, ...]
    systems: tuple[Entry, ...]
    published: tuple[Published, ...] = field(default=())


def parse(text: str) -> Study:
    """The study that a TOML text describes. Raises BadConfig."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"not TOML: {error}") from None
    _only(told, "the configuration", ("data", "systems", "published"))
    study = Study(
        tuple(_data(one) for one in _entries(told, "data")),
        tuple(_system(one) for one in _entries(told, "systems")),
        tuple(_published(one) for one in _entries(told, "published")),
    )
    if not study.data or not study.systems:
        raise BadConfig("a study needs a [[data]] entry and a [[systems]] entry at least")
    _distinct([one.name for one in study.data], "data set")
    _distinct([name for one in study.systems for name in names_of(one)], "system")
    return study


def names_of(entry: Entry) -> tuple[str, ...]:
    """The systems that an entry stands for, as the report and the files call them."""
    if isinstance(entry, JudgeEntry):
        return tuple(f"{entry.name}-{method}" for method in entry.methods)
    return (entry.name,)


def _entries(told: Fields, section: str) -> list[Fields]:
    found = told.get(section, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadConfig(f"{section}: expected entries that begin with [[{section}]]")
    return found


def _data(one: Fields) -> DataSet:
    _only(one, "[[data]]", ("name", "file", "title"))
    name = _name(one, "[[data]]")
    title = _text(one, "title", f"data {name}", default=name)
    return DataSet(name, _text(one, "file", f"data {name}"), title)


def _system(one: Fields) -> Entry:
    kind = _text(one, "kind", "[[systems]]")
    if kind not in KINDS:
        raise BadConfig(f"[[systems]]: unknown kind {kind!r}: expected {', '.join(KINDS)}")
    return KINDS[kind](one)


def _judge(one: Fields) -> JudgeEntry:
    model = _text(one, "model", "a system of kind judge")
    where = f"judge {model}"
    _only(one, where, ("kind", "name", "model", "methods"))
    methods = one.get("methods", ["head"])
    if not isinstance(methods, list) or not methods or not set(methods) <= set(JUDGE_METHODS):
        raise BadConfig(f"{where}: methods: expected a list of {', '.join(JUDGE_METHODS)}")
    name = _name({"name": one.get("name", model)}, where)
    return JudgeEntry(name, model, tuple(dict.fromkeys(methods)))


def _ranking(one: Fields) -> RankingEntry:
    name = _text(one, "name", "a system of kind ranking")
    _only(one, f"ranking {name}", ("kind", "name"))
    if name not in RANKINGS:
        raise BadConfig(f"unknown ranking {name!r}: expected one of {', '.join(RANKINGS)}")
    return RankingEntry(name)


def _chat(one: Fields) -> ChatEntry:
    name = _name(one, "a system of kind chat")
    where = f"chat {name}"
    _only(one, where, ("kind", *ChatEntry.__dataclass_fields__))
    entry = ChatEntry(
        name=name,
        url=_text(one, "url", where).rstrip("/"),
        model=_text(one, "model", where),
        key_env=_text(one, "key_env", where, default=""),
        samples=int(_number(one, "samples", where, 5, least=1)),
        max_tokens=int(_number(one, "max_tokens", where, 256, least=1)),
        price_in=_number(one, "price_in", where, 0.0),
        price_out=_number(one, "price_out", where, 0.0),
        currency=_text(one, "currency", where, default="USD"),
        cost_limit=_number(one, "cost_limit", where, 0.0) if "cost_limit" in one else None,
        timeout_s=_number(one, "timeout_s", where, 120.0, least=1),
    )
    if not entry.url.startswith(("http://", "https://")):
        raise BadConfig(f"{where}: url: expected an address that begins with http:// or https://")
    if entry.cost_limit is not None and not (entry.price_in or entry.price_out):
        raise BadConfig(f"{where}: cost_limit needs price_in and price_out, per million tokens")
    return entry


KINDS: Mapping[str, Callable[[Fields], Entry]] = {
    "judge": _judge,
    "ranking": _ranking,
    "chat": _chat,
}


def _published(one: Fields) -> Published:
    names = tuple(Published.__dataclass_fields__)
    _only(one, "[[published]]", names)
    return Published(**{name: _text(one, name, "[[published]]") for name in names})


def _only(one: Fields, where: str, known: tuple[str, ...]) -> None:
    unknown = sorted(set(one) - set(known))
    if unknown:
        raise BadConfig(f"{where}: unknown {unknown[0]!r}: expected {', '.join(known)}")


def _text(one: Fields, name: str, where: str, *, default: str | None = None) -> str:
    value = one.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise BadConfig(f"{where}: {name}: expected a text")
    return value


def _name(one: Fields, where: str) -> str:
    name = _text(one, "name", where)
    if not _NAME.fullmatch(name):
        raise BadConfig(
            f"{where}: name {name!r}: expected letters, digits, dots, dashes and underscores"
        )
    return name


def _number(one: Fields, name: str, where: str, default: float, *, least: float = 0.0) -> float:
    value = one.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value < 1e15:
        raise BadConfig(f"{where}: {name}: expected a number of {least:g} or more")
    return float(value)


def _distinct(names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise BadConfig(f"two entries for the {what} {name!r}: give each a name of its own")
