"""Open the systems of a study and let each answer about one task. Acts: loads models, asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from judge.adapter import AdapterError
from judge.agreement import agreement
from judge.encode import PROMPT_VERSION
from judge.rank import AGREEMENT_WEIGHT
from judge.registry import (
    MODELS,
    UNPINNED,
    ModelMissing,
    UnknownModel,
    lookup,
    require,
    unpinned_folder,
)
from judge.score import (
    METHODS,
    NO_HEAD_LAYERS,
    RAW,
    UNCALIBRATED,
    Method,
    MultiJudge,
    load_judges,
)
from judge.study import chat
from judge.study.answers import Answer
from judge.study.answers import NotMeasured as NotMeasured
from judge.study.config import RANK, TOTAL, ChatEntry, Entry, JudgeEntry, RankingEntry
from judge.study.executed_rankings import open_executed
from judge.study.pool import SIZES, Candidate
from judge.study.rankings import EXECUTED, answers_of
from judge.study.remote import Asked, Endpoint, EndpointFailed, Refused
from judge.study.timing import Task, give_memory_back, timed
from judge.study.trained import Show, quiet
from judge.study.trained_entry import TrainedEntry
from judge.types import Verdict

if TYPE_CHECKING:
    from judge.model import Reading

SMALL = Candidate("", "", 0, 1, "Add.", "def add(a, b):\n    return a + b\n", "python")
TOKENS = "tokens"  # beside the methods: how many tokens of code were read
MORE: Mapping[str, Callable[[Reading], float]] = {
    TOTAL: lambda reading: float(reading.log_probs.sum()),
    TOKENS: lambda reading: float(len(reading.log_probs)),
}


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
        return timed(task, lambda: {self._name: answers_of(self._name, task)})


class Judges:
    """Methods of one model. Each row is read once, so each method's cost is that of all."""

    def __init__(self, entry: JudgeEntry, judges: MultiJudge) -> None:
        self._entry, self._judges = entry, judges
        named = ", ".join(method.name for method in judges.methods.values())
        self.identity = f"{named} {judges.weights} prompt {PROMPT_VERSION}"

    def answer(self, task: Task) -> dict[str, list[Answer]]:
        """Method's system -> an answer for each candidate."""
        return timed(task, lambda: self._answers(task))

    def _answers(self, task: Task) -> dict[str, list[Answer]]:
        told = self._judges.judge_all([one.example() for one in task])
        tokens = [int(verdict.logit) for verdict in told[TOKENS]]  # 0: it was not read
        answers = {
            method: [
                _answer(one, verdict, count, own=method == "head")
                for one, verdict, count in zip(task, verdicts, tokens, strict=True)
            ]
            for method, verdicts in told.items()
        }
        if RANK in self._entry.methods:
            answers[RANK] = ranked(task, answers["head"])
        return {f"{self._entry.name}-{method}": answers[method] for method in self._entry.methods}


def ranked(task: Task, heads: Sequence[Answer]) -> list[Answer]:
    """The order of `gavel rank`: the head's probability beside what the candidates share.

    What they share is counted among the first 1, 2, 5, ... candidates, where those alone compete.
    """
    own = [chat.logit(0.5 if one.p is None else one.p) for one in heads]
    sizes = [size for size in SIZES if size < len(task)] + [len(task)]
    scores = {
        size: [
            logit + AGREEMENT_WEIGHT * common
            for logit, common in zip(
                own, agreement([one.code for one in task[:size]]), strict=False
            )
        ]
        for size in sizes
    }
    return [
        replace(
            one,
            p=None,
            score=scores[len(task)][place],
            among={size: told[place] for size, told in scores.items() if place < size},
        )
        for place, one in enumerate(heads)
    ]


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
        had = self._logprobs
        try:
            asked = self._most_probable(candidate)
            p = asked[0].reply.p if asked else None
            if p is None:
                samples = range(1, self._entry.samples + 1)
                asked += [self._endpoint.ask(self._body(candidate, sample)) for sample in samples]
                p = chat.p_of_samples([one.reply for one in asked])
        except Refused:
            self._endpoint.ask(self._body(SMALL, 1))  # is it this question, or any?
            self._logprobs = had
            return Answer(candidate.id, score=0.0, p=0.5, abstained=True, cpu_seconds=None)
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


def open_system(
    entry: Entry, *, home: Path, cache: Path, key: str = "", show: Show = quiet
) -> System:
    """The system of `entry`. Takes seconds for a model, more to train one. Raises NotMeasured.

    home   where models lie
    cache  where the answers of chat endpoints are kept
    key    of the chat endpoint, or ""
    show   shows how far a training is
    """
    give_memory_back()
    if isinstance(entry, RankingEntry):
        return open_executed(entry.name, home) if entry.name in EXECUTED else Rankings(entry.name)
    if isinstance(entry, ChatEntry):
        return Chat(entry, Endpoint(entry, cache / entry.name, key))
    try:
        if isinstance(entry, TrainedEntry):
            return _trained(entry, home, show)
        return Judges(entry, _judges(entry, home))
    except (AdapterError, ModelMissing, UnknownModel) as error:
        raise NotMeasured(str(error).replace(str(home), "GAVEL_HOME")) from None


def parts_of(entry: Entry) -> list[Entry]:
    """`entry` in parts that can be measured where not all of it can: its methods.

    What a head is needed for can be missing where the untrained methods are not; together they
    read each candidate once, so an entry is only cut where it has to be.
    """
    if isinstance(entry, TrainedEntry):
        return [replace(entry, objectives=(one,)) for one in entry.objectives]
    if not isinstance(entry, JudgeEntry):
        return [entry]
    trained = tuple(method for method in entry.methods if method in ("head", RANK))
    others = tuple(method for method in entry.methods if method not in trained)
    return [replace(entry, methods=methods) for methods in (trained, others) if methods]


def _trained(entry: TrainedEntry, home: Path, show: Show) -> System:
    folder, weights = _weights(entry.model, home)

    from judge.study.training import open_trained

    return open_trained(entry, folder=folder, weights=weights, home=home, show=show)


def _judges(entry: JudgeEntry, home: Path) -> MultiJudge:
    """The methods of `entry`, and what counts its tokens."""
    wanted = [*entry.methods, *(["head"] if RANK in entry.methods else [])]
    methods = [method for method in dict.fromkeys(wanted) if method in METHODS]
    if entry.model in MODELS:
        judges = load_judges(entry.model, home=home, methods=methods)
    else:
        judges = _any_decoder(entry.model, home, methods)
    more = {
        name: Method(f"{entry.model}/{name}", of, UNCALIBRATED, frozenset())
        for name, of in MORE.items()
    }
    return replace(judges, methods={**judges.methods, **more})


def _any_decoder(model: str, home: Path, methods: Sequence[str]) -> MultiJudge:
    """Untrained methods of a decoder of any architecture."""
    folder, weights = _weights(model, home)
    if "head" in methods:
        raise AdapterError(f"no head was trained for {model}: a system of kind trained trains one")

    from judge.study.reader import open_decoder

    named = {
        name: Method(f"{model}/{name}", RAW[name], UNCALIBRATED, frozenset()) for name in methods
    }
    return MultiJudge(open_decoder(folder), named, NO_HEAD_LAYERS, weights)


def _weights(model: str, home: Path) -> tuple[Path, str]:
    """The folder of `model`, and what tells its weights from others."""
    if model in MODELS:
        return require(home, model), lookup(model).sha256
    folder = unpinned_folder(home, model) if model in UNPINNED else Path(model).expanduser()
    if not (folder / "config.json").is_file():
        known = ", ".join([*MODELS, *UNPINNED])
        raise UnknownModel(
            f"unknown model {model!r}: expected a folder with a config.json, or one of {known}"
        )
    from judge.study.reader import weights_of

    return folder, weights_of(folder)


def _answer(candidate: Candidate, verdict: Verdict, tokens: int, *, own: bool) -> Answer:
    """What a verdict says. Only a trained method has a probability of its own."""
    return Answer(
        candidate.id,
        score=verdict.logit,
        p=verdict.p_correct if own else None,
        abstained=verdict.abstained if own else not tokens,
        tokens=tokens,
    )
