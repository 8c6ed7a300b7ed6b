"""Open the systems of a study and let each answer about one task. Acts: loads models, asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from judge.adapter import AdapterError
from judge.encode import PROMPT_VERSION
from judge.registry import ModelMissing, UnknownModel
from judge.score import METHODS, UNCALIBRATED, Method, MultiJudge, load_judges
from judge.study import chat
from judge.study.answers import Answer
from judge.study.config import TOTAL, ChatEntry, Entry, JudgeEntry, RankingEntry
from judge.study.pool import Candidate
from judge.study.rankings import answers_of
from judge.study.remote import Asked, Endpoint, EndpointFailed, Refused
from judge.types import Verdict

if TYPE_CHECKING:
    from judge.model import Reading

TOKENS = "tokens"  # beside the methods: how many tokens of code were read
MORE: Mapping[str, Callable[[Reading], float]] = {
    TOTAL: lambda reading: float(reading.log_probs.sum()),
    TOKENS: lambda reading: float(len(reading.log_probs)),
}
Task = Sequence[Candidate]


class NotMeasured(Exception):
    """A system cannot be measured here: one clause that says why."""


class System(Protocol):
    """One or more systems that answer together, about one task at a time."""

    @property
    def identity(self) -> str:
        """Changes whenever the answers may."""
        ...

    def answer(self, task: Task) -> dict[str, list[Answer]]:
        """Name of a system -> an answer for each candidate, in order. Raises NotMeasured."""
        ...


class Rankings:
    """A ranking without a model."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.identity = f"ranking {name}"

    def answer(self, task: Task) -> dict[str, list[Answer]]:
        """An answer for each candidate."""
        return _timed(task, lambda: {self._name: answers_of(self._name, task)})


class Judges:
    """Methods of one model. Each row is read once, so each method's cost is that of all."""

    def __init__(self, entry: JudgeEntry, judges: MultiJudge) -> None:
        self._entry, self._judges = entry, judges
        named = ", ".join(method.name for method in judges.methods.values())
        self.identity = f"{named} {judges.weights} prompt {PROMPT_VERSION}"

    def answer(self, task: Task) -> dict[str, list[Answer]]:
        """Method's system -> an answer for each candidate."""
        return _timed(task, lambda: self._answers(task))

    def _answers(self, task: Task) -> dict[str, list[Answer]]:
        told = self._judges.judge_all([one.example() for one in task])
        tokens = [int(verdict.logit) for verdict in told[TOKENS]]  # 0: it was not read
        return {
            f"{self._entry.name}-{method}": [
                _answer(one, verdict, count, own=method == "head")
                for one, verdict, count in zip(task, told[method], tokens, strict=True)
            ]
            for method in self._entry.methods
        }


class Chat:
    """A model behind a chat endpoint."""

    def __init__(self, entry: ChatEntry, endpoint: Endpoint) -> None:
        self._entry, self._endpoint = entry, endpoint
        self._logprobs = True  # until the endpoint shows that it has none
        asked = f"{entry.samples} samples, {entry.max_tokens} tokens, prompt {chat.PROMPT_VERSION}"
        self.identity = f"chat {entry.url} {entry.model} {asked}"

    def answer(self, task: Task) -> dict[str, list[Answer]]:
        """An answer for each candidate. Raises NotMeasured where the endpoint fails for good."""
        try:
            return {self._entry.name: [self._of(one) for one in task]}
        except EndpointFailed as error:
            raise NotMeasured(str(error)) from None

    def _of(self, candidate: Candidate) -> Answer:
        asked = self._most_probable(candidate)
        p = asked[0].reply.p if asked else None
        if p is None:
            samples = range(1, self._entry.samples + 1)
            asked += [self._endpoint.ask(self._body(candidate, sample)) for sample in samples]
            p = chat.p_of_samples([one.reply for one in asked])
        bill = chat.bill(self._entry, [one.reply for one in asked])
        return Answer(
            candidate.id,
            score=chat.logit(0.5 if p is None else p),
            p=0.5 if p is None else p,
            abstained=p is None,
            seconds=sum(one.seconds for one in asked),
            cpu_seconds=None,
            tokens=bill.tokens,
            money=bill.money,
        )

    def _most_probable(self, candidate: Candidate) -> list[Asked]:
        """The answer at temperature 0 with its log-probabilities; none where it has none."""
        if not self._logprobs:
            return []
        try:
            return [self._endpoint.ask(self._body(candidate, 0))]
        except Refused:
            self._logprobs = False
            return []

    def _body(self, candidate: Candidate, sample: int) -> dict[str, object]:
        return chat.body_of(self._entry, candidate, sample=sample, logprobs=not sample)


def open_system(entry: Entry, *, home: Path, cache: Path, key: str = "") -> System:
    """The system of `entry`. Takes seconds for a model. Raises NotMeasured.

    home   where models lie
    cache  where the answers of chat endpoints are kept
    key    of the chat endpoint, or ""
    """
    if isinstance(entry, RankingEntry):
        return Rankings(entry.name)
    if isinstance(entry, ChatEntry):
        return Chat(entry, Endpoint(entry, cache / entry.name, key))
    try:
        return Judges(entry, _judges(entry, home))
    except (AdapterError, ModelMissing, UnknownModel) as error:
        raise NotMeasured(str(error).replace(str(home), "GAVEL_HOME")) from None


def parts_of(entry: Entry) -> list[Entry]:
    """`entry` in parts that can be measured without each other: trained and untrained methods."""
    if not isinstance(entry, JudgeEntry):
        return [entry]
    trained = tuple(method for method in entry.methods if method == "head")
    others = tuple(method for method in entry.methods if method != "head")
    return [replace(entry, methods=methods) for methods in (trained, others) if methods]


def _judges(entry: JudgeEntry, home: Path) -> MultiJudge:
    """The methods of `entry`, and what counts its tokens."""
    methods = [method for method in entry.methods if method in METHODS]
    judges = load_judges(entry.model, home=home, methods=methods)
    more = {
        name: Method(f"{entry.model}/{name}", of, UNCALIBRATED, frozenset())
        for name, of in MORE.items()
    }
    return replace(judges, methods={**judges.methods, **more})


def _timed(task: Task, work: Callable[[], dict[str, list[Answer]]]) -> dict[str, list[Answer]]:
    """What `work` gives, with the time that it took, in even shares."""
    wall, cpu = time.perf_counter(), time.process_time()
    told = work()
    seconds = (time.perf_counter() - wall) / len(task)
    cpu_seconds = (time.process_time() - cpu) / len(task)
    return {
        name: [replace(one, seconds=seconds, cpu_seconds=cpu_seconds) for one in answers]
        for name, answers in told.items()
    }


def _answer(candidate: Candidate, verdict: Verdict, tokens: int, *, own: bool) -> Answer:
    """What a verdict says. Only a trained method has a probability of its own."""
    return Answer(
        candidate.id,
        score=verdict.logit,
        p=verdict.p_correct if own else None,
        abstained=verdict.abstained if own else not tokens,
        tokens=tokens,
    )
