"""Judges made of a language model: verdicts for examples. `load_judge` acts; the rest decides."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from judge import adapter as adapters
from judge import plugins
from judge.adapter import Adapter, AdapterError
from judge.calibrate import Calibration
from judge.change_head import ChangeHead
from judge.encode import MAX_READ, MAX_TOKENS, PROMPT_VERSION, Encoded, Unreadable, encode
from judge.functions import functions
from judge.hostile import VERSION as WORDS_VERSION
from judge.registry import MODELS, UnknownModel, lookup, require
from judge.types import Example, Judge, Verdict

if TYPE_CHECKING:
    from judge.model import Backbone, Reading

RAW: Mapping[str, Callable[[Reading], float]] = {  # methods without training
    "yesno": lambda reading: reading.yes_minus_no,
    "logprob": lambda reading: float(reading.log_probs.mean()),
}
METHODS = ("head", *RAW)
TOTAL = "logprob_total"  # measured beside the others; no method to choose: it follows length
MEASURED: Mapping[str, Callable[[Reading], float]] = {
    **RAW,
    TOTAL: lambda reading: float(reading.log_probs.sum()),
}
NO_HEAD_LAYERS = (1,)  # a reading needs a layer; methods without a head look at none
CHANGES = "changes"  # the name of the change head's calibration in an adapter
UNCALIBRATED = Calibration(slope=1.0, intercept=0.0, base_rate=0.5, n=0)


@dataclass(frozen=True, slots=True)
class Method:
    """One way to turn a reading into a verdict.

    logit               from a reading to a raw score, higher is likelier correct
    calibration         from the raw score to P(correct)
    languages           where the calibration holds
    changes             the head for functions with their diff, or None
    change_calibration  from its raw score to P(correct)
    by_language         calibrations of single languages, each in place of the one for all
    reads_log_probs     False where `logit` needs no log-probabilities of the code
    """

    name: str
    logit: Callable[[Reading], float]
    calibration: Calibration
    languages: frozenset[str]
    changes: ChangeHead | None = None
    change_calibration: Calibration = UNCALIBRATED
    by_language: Mapping[str, Calibration] = field(default_factory=dict)
    reads_log_probs: bool = True

    def verdict(self, example: Example, reading: Reading) -> Verdict:
        """What this method says of an example that could be read."""
        logit = self.logit(reading)
        calibration = self.by_language.get(example.language, self.calibration)
        if example.diff and self.changes is not None:
            logit = self.changes.logit(example, reading, logit)
            calibration = self.change_calibration
        reason = self._no_support(example, calibration, reading)
        return Verdict(
            p_correct=calibration.probability(logit),
            logit=logit,
            model=self.name,
            abstained=bool(reason),
            reason=reason,
        )

    def abstention(self, reason: str) -> Verdict:
        """What it says of an example that could not be read: the base rate, not to be used."""
        base = self.calibration.base_rate
        logit = (math.log(base / (1 - base)) - self.calibration.intercept) / self.calibration.slope
        return Verdict(base, logit, self.name, abstained=True, reason=reason)

    def _no_support(self, example: Example, calibration: Calibration, reading: Reading) -> str:
        tokens = len(reading.log_probs)
        if not calibration.n:
            return "this model has no calibration: train one with `gavel train`"
        languages = self.languages
        if example.diff:
            if self.changes is None or not functions(example.code, example.language):
                return "these lines are no whole function, and the calibration holds for functions"
            languages = self.changes.languages
            if not languages:
                return "changes are not judged clearly better than by their length yet"
        if example.language not in languages:
            return f"the calibration does not hold for {example.language or 'an unknown language'}"
        if tokens < calibration.shortest:
            return f"the code has {tokens} tokens, fewer than any that the calibration was made on"
        if reading.windows > 1:
            return (
                f"the code has {tokens:,} tokens and was read in {reading.windows} overlapping "
                "windows, and the calibration holds for code that is read at once"
            )
        return ""


@dataclass(frozen=True, slots=True)
class MultiJudge:
    """Several methods on one backbone: an example is read once, whatever the number of methods."""

    backbone: Backbone
    methods: Mapping[str, Method]
    layers: tuple[int, ...]
    weights: str = ""  # what tells these weights from any others, or "" where nothing does

    def judge_all(self, examples: Sequence[Example]) -> dict[str, list[Verdict]]:
        """Method -> one verdict per example, in order, whatever the others are."""
        verdicts: dict[str, dict[int, Verdict]] = {name: {} for name in self.methods}
        for index, read in self._readings(examples):
            for name, method in self.methods.items():
                verdicts[name][index] = (
                    method.abstention(read.reason)
                    if isinstance(read, Unreadable)
                    else method.verdict(examples[index], read)
                )
        return {
            name: [by[index] for index in range(len(examples))] for name, by in verdicts.items()
        }

    def _readings(self, examples: Sequence[Example]) -> Iterator[tuple[int, Reading | Unreadable]]:
        """Index and reading; the examples of one task together, so that they share its pass."""
        readable: list[tuple[int, Encoded]] = []
        for index, example in enumerate(examples):
            encoded = encode(example, self.backbone.tokenizer, max_tokens=MAX_READ)
            if isinstance(encoded, Unreadable):
                yield index, encoded
            else:
                readable.append((index, encoded))
        readable.sort(key=lambda one: one[1].prefix)
        readings = self.backbone.iter_read(
            (one for _, one in readable),
            layers=self.layers,
            ask="yesno" in self.methods,
            log_probs=any(
                method.reads_log_probs for name, method in self.methods.items() if name != "yesno"
            ),
        )
        for (index, _), reading in zip(readable, readings, strict=True):
            yield index, reading


@dataclass(frozen=True, slots=True)
class ModelJudge:
    """A judge that is one method of a backbone."""

    judges: MultiJudge
    method: str

    @property
    def name(self) -> str:
        """Model, method and version of what was trained, such as "NAME/head@1a2b3c4d"."""
        return self.judges.methods[self.method].name

    @property
    def identity(self) -> str:
        """Changes with the weights, what was trained, the prompt and what is read, the method."""
        weights, longest = self.judges.weights, self.judges.backbone.longest
        windows = "" if longest == MAX_TOKENS else f" windows {longest}"
        read = f"prompt {PROMPT_VERSION} words {WORDS_VERSION}{windows}"
        return f"{self.name} {weights} {read}" if weights else ""

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        """One verdict per example, in order. An example's verdict never depends on the others."""
        return self.judges.judge_all(examples)[self.method]


def load_judge(model: str, *, home: Path, method: str = "head", longest: int = MAX_TOKENS) -> Judge:
    """The judge `method` on `model`: a name of the registry, a plug-in's judge, or a folder.

    longest  tokens of one example that are read at once; longer code is read in windows

    Takes seconds. Raises UnknownModel, ModelMissing (not downloaded yet), AdapterError (no head
    was trained for this model), PluginError, and ValueError for an unknown method.
    """
    brought = None if model in MODELS else plugins.load(plugins.JUDGES, model)
    if brought is not None:
        return cast(Callable[[Path], Judge], brought)(home)
    judges = load_judges(model, home=home, methods=(method,), longest=longest)
    return ModelJudge(judges, method)


def load_judges(
    model: str, *, home: Path, methods: Sequence[str] = METHODS, longest: int = MAX_TOKENS
) -> MultiJudge:
    """Several methods on one `model`, loaded once. Raises as `load_judge`."""
    for method in methods:
        if method not in METHODS and method not in MEASURED:
            raise ValueError(f"unknown method {method!r}: expected one of {', '.join(METHODS)}")
    folder, trained = _find(model, home)
    built = {name: _method(name, model, trained) for name in methods}
    layers = (
        trained.head.layers if trained and trained.head and "head" in methods else NO_HEAD_LAYERS
    )

    from judge.model import open_backbone

    updates = trained.updates if trained and "head" in methods else None
    backbone = open_backbone(folder, updates=updates, longest=longest)
    return MultiJudge(backbone, built, layers, _weights(model, folder))


def _weights(model: str, folder: Path) -> str:
    """What tells the weights of `model` from others; a folder of one's own by its files' dates."""
    if model in MODELS:
        return lookup(model).sha256
    files = sorted(path for path in folder.resolve().iterdir() if path.is_file())
    seen = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr(seen).encode("utf-8", "surrogatepass")).hexdigest()


def _find(model: str, home: Path) -> tuple[Path, Adapter | None]:
    """Folder of the weights, and what was trained for them."""
    if model not in MODELS:
        folder = Path(model).expanduser()
        if not (folder / "config.json").is_file():
            raise UnknownModel(
                f"unknown model {model!r}: expected a folder with a config.json, "
                f"or one of {', '.join(MODELS)}"
            )
        return folder, None
    trained = adapters.folder_of(model, home)
    return require(home, model), (
        adapters.load(trained, model_sha256=lookup(model).sha256) if trained.is_dir() else None
    )


def _method(name: str, model: str, trained: Adapter | None) -> Method:
    calibration = trained.calibrations.get(name, UNCALIBRATED) if trained else UNCALIBRATED
    languages = trained.languages if trained else frozenset()
    label = f"{_shown(model)}/{name}" + (f"@{trained.version}" if trained else "")
    logit = _logit_of(name, model, trained)
    own = trained.by_language(name) if trained else {}
    if trained is None or name != "head":
        return Method(label, logit, calibration, languages, by_language=own)
    for_changes = trained.calibrations.get(CHANGES, UNCALIBRATED)
    return Method(
        label,
        logit,
        calibration,
        languages,
        trained.changes,
        for_changes,
        own,
        reads_log_probs=trained.head is None or trained.head.reads_log_probs,
    )


def _shown(model: str) -> str:
    """How verdicts name a model: a folder by its own name, wherever it lies on this machine."""
    return model if model in MODELS else Path(model).expanduser().resolve().name


def _logit_of(name: str, model: str, trained: Adapter | None) -> Callable[[Reading], float]:
    if name in MEASURED:
        return MEASURED[name]
    if trained is None or trained.head is None:
        raise AdapterError(
            f"no head was trained for {model}: use --method yesno or logprob, "
            "or train one with `gavel train`"
        )
    return trained.head.logit
