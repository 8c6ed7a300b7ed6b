"""Decide what a study's configuration says: data sets, systems, published figures. No I/O."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from judge.score import METHODS
from judge.study import fields
from judge.study.fields import BadConfig as BadConfig
from judge.study.fields import Fields
from judge.study.rankings import EXECUTED, RANKINGS
from judge.study.trained_entry import TrainedEntry, trained

TOTAL = "total"  # the sum of the log-probabilities of the code's tokens; `logprob` is their mean
RANK = "rank"  # the order of `gavel rank`: the head's probability, and what candidates share
JUDGE_METHODS = (*METHODS, TOTAL, RANK)
_SECTIONS = ("data", "systems", "experiments", "published", "price")


@dataclass(frozen=True, slots=True)
class DataSet:
    """A file of labelled rows. `title` is what the report calls it.

    more   further files, whose candidates are in the same pool
    least  candidates of a task, else it is left out
    most   candidates of a task that are taken
    tasks  how many are judged, None for all
    """

    name: str
    file: str
    title: str
    more: tuple[str, ...] = ()
    least: int = 1
    most: int | None = None
    tasks: int | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """All files of its rows."""
        return (self.file, *self.more)


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


@dataclass(frozen=True, slots=True)
class Price:
    """What an hour of one processor core is said to cost."""

    core_hour: float
    currency: str = "USD"

    def of(self, cpu_seconds: float) -> float:
        """Money for so many seconds of one core."""
        return cpu_seconds / 3600 * self.core_hour


Entry = JudgeEntry | RankingEntry | ChatEntry | TrainedEntry


@dataclass(frozen=True, slots=True)
class Study:
    """What is to be measured, what was published, and the price of a processor, if any."""

    data: tuple[DataSet, ...]
    systems: tuple[Entry, ...]
    published: tuple[Published, ...] = field(default=())
    price: Price | None = None


def parse(text: str) -> Study:
    """The study that a TOML text describes. Raises BadConfig."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"not TOML: {error}") from None
    fields.only(told, "the configuration", _SECTIONS)
    study = Study(
        tuple(_data(one) for one in _entries(told, "data")),
        tuple(_system(one) for one in _entries(told, "systems")),
        tuple(_published(one) for one in _entries(told, "published")),
        _price(told),
    )
    if not study.data or not study.systems:
        raise BadConfig("a study needs a [[data]] entry and a [[systems]] entry at least")
    _distinct([one.name for one in study.data], "data set")
    _distinct([name for one in study.systems for name in names_of(one)], "system")
    return study


def beside(study: Study, folder: Path) -> Study:
    """`study` with the files that its systems train on, which lie beside the configuration."""
    systems = (
        replace(one, train=tuple(str(folder / file) for file in one.train))
        if isinstance(one, TrainedEntry)
        else one
        for one in study.systems
    )
    return replace(study, systems=tuple(systems))


def names_of(entry: Entry) -> tuple[str, ...]:
    """The systems that an entry stands for, as the report and the files call them."""
    if isinstance(entry, JudgeEntry):
        return tuple(f"{entry.name}-{method}" for method in entry.methods)
    if isinstance(entry, TrainedEntry):
        return tuple(f"{entry.name}-{objective}" for objective in entry.objectives)
    return (entry.name,)


def _entries(told: Fields, section: str) -> list[Fields]:
    found = told.get(section, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadConfig(f"{section}: expected entries that begin with [[{section}]]")
    return found


def _data(one: Fields) -> DataSet:
    fields.only(one, "[[data]]", tuple(DataSet.__dataclass_fields__))
    name = fields.name(one, "[[data]]")
    where = f"data {name}"
    return DataSet(
        name,
        fields.text(one, "file", where),
        fields.text(one, "title", where, default=name),
        more=fields.texts(one, "more", where) if "more" in one else (),
        least=int(fields.number(one, "least", where, 1, least=1)),
        most=int(fields.number(one, "most", where, 1, least=1)) if "most" in one else None,
        tasks=int(fields.number(one, "tasks", where, 1, least=1)) if "tasks" in one else None,
    )


def _system(one: Fields) -> Entry:
    kind = fields.text(one, "kind", "[[systems]]")
    if kind not in KINDS:
        raise BadConfig(f"[[systems]]: unknown kind {kind!r}: expected {', '.join(KINDS)}")
    return KINDS[kind](one)


def _judge(one: Fields) -> JudgeEntry:
    model = fields.text(one, "model", "a system of kind judge")
    where = f"judge {model}"
    fields.only(one, where, ("kind", "name", "model", "methods"))
    methods = fields.texts({"methods": ["head"], **one}, "methods", where, JUDGE_METHODS)
    return JudgeEntry(fields.name({"name": one.get("name", model)}, where), model, methods)


def _ranking(one: Fields) -> RankingEntry:
    name = fields.text(one, "name", "a system of kind ranking")
    fields.only(one, f"ranking {name}", ("kind", "name"))
    known = (*RANKINGS, *EXECUTED)
    if name not in known:
        raise BadConfig(f"unknown ranking {name!r}: expected one of {', '.join(known)}")
    return RankingEntry(name)


def _chat(one: Fields) -> ChatEntry:
    name = fields.name(one, "a system of kind chat")
    where = f"chat {name}"
    fields.only(one, where, ("kind", *ChatEntry.__dataclass_fields__))
    entry = ChatEntry(
        name=name,
        url=fields.text(one, "url", where).rstrip("/"),
        model=fields.text(one, "model", where),
        key_env=fields.text(one, "key_env", where, default=""),
        samples=int(fields.number(one, "samples", where, 5, least=1)),
        max_tokens=int(fields.number(one, "max_tokens", where, 256, least=1)),
        price_in=fields.number(one, "price_in", where, 0.0),
        price_out=fields.number(one, "price_out", where, 0.0),
        currency=fields.text(one, "currency", where, default="USD"),
        cost_limit=fields.number(one, "cost_limit", where, 0.0) if "cost_limit" in one else None,
        timeout_s=fields.number(one, "timeout_s", where, 120.0, least=1),
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
    "trained": trained,
}


def _published(one: Fields) -> Published:
    names = tuple(Published.__dataclass_fields__)
    fields.only(one, "[[published]]", names)
    return Published(**{name: fields.text(one, name, "[[published]]") for name in names})


def _price(told: Fields) -> Price | None:
    one = told.get("price")
    if one is None:
        return None
    if not isinstance(one, dict) or "core_hour" not in one:
        raise BadConfig("[price]: expected core_hour, the money of an hour of one processor core")
    fields.only(one, "[price]", ("core_hour", "currency"))
    return Price(
        fields.number(one, "core_hour", "[price]", 0.0),
        fields.text(one, "currency", "[price]", default="USD"),
    )


def _distinct(names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise BadConfig(f"two entries for the {what} {name!r}: give each a name of its own")
