"""The ways in which a study trains a judge: on states, or the model itself. Acts: model, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache as cache_once
from pathlib import Path
from typing import Any

import numpy as np
import torch

from judge.encode import Encoded, encode
from judge.head import state_inputs
from judge.model import Backbone
from judge.study.answers import NotMeasured
from judge.study.reader import OWN_LAYERS, layers_of, open_decoder
from judge.study.timing import Task
from judge.study.trained import WEIGHTS, Show, Trained, folder_of, rows_of
from judge.study.trained_entry import TrainedEntry
from judge.train import rankef_features
from judge.train.data import DataRow
from judge.train.features import Features, features_of
from judge.train.groups import Grouping, groups_of
from judge.train.head import I64
from judge.train.rankef import kind_of
from judge.train.rankef_features import Fitted, Fitting, Shared
from judge.train.rankef_loop import Course, score, train
from judge.train.rankef_network import ENCODER_DECODER_POOLS, Ranker, ranker_of
from judge.train.rankef_rows import Special, item_of, items_of, kinds_of
from judge.train.readings import read_examples
from judge.train.study_turns import Turned, turned
from judge.train.tasks import number_of
from judge.types import Example

Said = list[tuple[float, int] | None]


@dataclass(frozen=True, slots=True)
class Given:
    """What a judge of the study is trained from.

    rows     to learn from
    folder   of the network's weights
    weights  what tells those from any others
    home     where readings of the rows are kept
    kept     folder of what was learnt
    """

    entry: TrainedEntry
    rows: Sequence[DataRow]
    folder: Path
    weights: str
    home: Path
    kept: Path
    show: Show


def open_trained(
    entry: TrainedEntry, *, folder: Path, weights: str, home: Path, show: Show
) -> Trained:
    """The judges of `entry`, trained where they are not yet. Takes minutes to hours, once.

    folder   of the model's weights
    weights  what tells them from any others

    Raises NotMeasured, and OSError where `home` cannot be written.
    """
    rows = rows_of(entry)
    kept = folder_of(home, entry, rows, weights)
    learnt = frozenset(number_of(row.task_id) for row in rows)
    how = _on_features if entry.learn == "features" else _on_model
    scores = how(Given(entry, rows, folder, weights, home, kept, show))
    return Trained(entry, f"trained {kept.name.rpartition('-')[2]}", scores, learnt)


def _on_features(given: Given) -> Callable[[Task], Mapping[str, Said]]:
    """The judges on the states of a network that stays as it is."""
    from transformers import AutoConfig

    entry, kept = given.entry, given.kept
    opened = cache_once(lambda: open_decoder(given.folder))
    config = AutoConfig.from_pretrained(given.folder, local_files_only=True)
    layers = layers_of(config)
    missing = [one for one in entry.objectives if not (kept / f"{one}.pt").is_file()]
    if missing:
        how = _grouped if config.model_type in OWN_LAYERS else _alone
        features, kinds = how(given, opened, layers)
        for objective in missing:
            fitted = rankef_features.fit(
                features.inputs,
                features.labels,
                kinds,
                weights=WEIGHTS[objective],
                fitting=Fitting(),
                progress=given.show(f"steps of {entry.name}-{objective}"),
            )
            _save(fitted, kept / f"{objective}.pt")
    fits = {one: _load(kept / f"{one}.pt") for one in entry.objectives}

    def scores(task: Task) -> Mapping[str, Said]:
        read = [encode(one.example(), opened().tokenizer) for one in task]
        known = [one for one in read if isinstance(one, Encoded)]
        inputs = [state_inputs(one) for one in opened().read(known, layers=layers)]
        return {
            objective: _told(read, fit.logits(np.stack(inputs)) if inputs else [])
            for objective, fit in fits.items()
        }

    return scores


def _told(read: Sequence[object], logits: Any) -> Said:
    following = iter(logits)
    return [
        (float(next(following)), len(one.code)) if isinstance(one, Encoded) else None
        for one in read
    ]


def _grouped(
    given: Given, opened: Callable[[], Backbone], layers: tuple[int, ...]
) -> tuple[Features, I64]:
    """States and kinds of the rows; what `gavel train` computed is found again under `home`."""
    tokenizer, _ = _tokenizer(given.folder)
    groups = groups_of(given.rows, tokenizer, Grouping())
    read = given.show("rows read")
    count, total = _counter(), sum(len(group.labels) for group in groups)
    features = features_of(
        groups,
        backbone=opened,
        model_sha256=given.weights,
        layers=layers,
        cache=given.home / "features",
        progress=lambda more: read(count(more), total),
    )
    return features, kinds_of(groups, given.rows, tokenizer)


def _alone(
    given: Given, opened: Callable[[], Backbone], layers: tuple[int, ...]
) -> tuple[Features, I64]:
    """The same where transformers runs the model, a row at a time."""
    rows, read, count = given.rows, given.show("rows read"), _counter()
    readings = read_examples(
        [Example(row.prompt, row.code, row.language) for row in rows],
        open_backbone=opened,
        model_sha256=given.weights,
        layers=layers,
        cache=given.home / "readings",
        progress=lambda more: read(count(more), len(rows)),
    )
    known = [(row, one) for row, one in zip(rows, readings, strict=True) if one is not None]
    features = Features(
        np.stack([state_inputs(one) for _, one in known]),
        np.array([row.label for row, _ in known], dtype=np.int64),
        [number_of(row.task_id) for row, _ in known],
    )
    return features, np.array([kind_of(row.outcome) for row, _ in known], dtype=np.int64)


def _counter() -> Callable[[int], int]:
    """What was counted so far, each time that more is."""
    so_far = 0

    def count(more: int) -> int:
        nonlocal so_far
        so_far += more
        return so_far

    return count


def _save(fitted: Fitted, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    held = {
        "center": torch.from_numpy(fitted.center),
        "scale": torch.from_numpy(fitted.scale),
        "networks": [one.state_dict() for one in fitted.networks],
    }
    torch.save(held, partial)
    partial.replace(file)


def _load(file: Path) -> Fitted:
    held = torch.load(file, weights_only=True)
    networks = []
    for state in held["networks"]:
        networks.append(Shared(len(held["center"]), Fitting()).eval())
        networks[-1].load_state_dict(state)
    return Fitted(held["center"].numpy(), held["scale"].numpy(), tuple(networks))


def _on_model(given: Given) -> Callable[[Task], Mapping[str, Said]]:
    """The judges that are the network itself, tuned."""
    entry = given.entry
    tokenizer, special = _tokenizer(given.folder)
    items = items_of(given.rows, tokenizer, special, max_tokens=entry.max_tokens)
    course = Course(
        rate=entry.rate,
        batch=entry.batch,
        epochs=entry.epochs,
        body=entry.learn == "body",
        seed=entry.seed,
    )
    rankers = {}
    for objective in entry.objectives:
        rankers[objective] = _ranker(given.folder, entry)
        try:
            train(
                rankers[objective],
                items,
                special,
                weights=WEIGHTS[objective],
                course=course,
                folder=given.kept / objective,
                progress=given.show(f"steps of {entry.name}-{objective}"),
            )
        except ValueError as error:
            raise NotMeasured(str(error)) from None

    def scores(task: Task) -> Mapping[str, Said]:
        read = [item_of(one.example(), tokenizer, entry.max_tokens) for one in task]
        known = [one for one in read if one is not None]
        told: dict[str, Said] = {}
        for objective, ranker in rankers.items():
            logits = iter(score(ranker, known, special, batch=entry.batch))
            told[objective] = [
                None if one is None else (next(logits), one.code[1] - one.code[0]) for one in read
            ]
        return told

    return scores


def _tokenizer(folder: Path) -> tuple[Turned, Special]:
    from transformers import AutoTokenizer

    inner: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    end = inner.eos_token_id
    return turned(inner), Special(end if inner.pad_token_id is None else inner.pad_token_id, end)


def _ranker(folder: Path, entry: TrainedEntry) -> Ranker:
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    several = entry.pool in ENCODER_DECODER_POOLS
    kind: Any = AutoModelForSeq2SeqLM if several else AutoModelForCausalLM
    try:
        network = kind.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
        return ranker_of(network, entry.pool, seed=entry.seed).eval()
    except ValueError as error:
        raise NotMeasured(str(error).splitlines()[0]) from None
