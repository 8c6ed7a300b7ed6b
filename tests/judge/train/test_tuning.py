from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from judge.head import Linear, state_inputs
from judge.model import Backbone
from judge.train.checkpoints import cut_log
from judge.train.curve import draw, point, windows
from judge.train.data import DataRow
from judge.train.done import OtherInputs
from judge.train.features import features_of
from judge.train.fitting import Learnt
from judge.train.groups import Grouping, groups_of
from judge.train.loop import Schedule, share_of_peak
from judge.train.scorer import loss_of
from judge.train.tuning import Tuning, mixed, tune_on, weighed

RIGHT = ("return a + b", "return b + a", "c = a + b\n    return c")
WRONG = ("return a - b", "return a", "return a * b")


def rows(tasks: int = 3) -> list[DataRow]:
    made = []
    for task in range(tasks):
        for label, codes in ((1, RIGHT), (0, WRONG)):
            for number, code in enumerate(codes):
                made.append(
                    DataRow(
                        id=f"{task}-{label}-{number}",
                        task_id=f"T/{task}",
                        source="test",
                        language="python",
                        prompt=f"Add, way {task}.\n\ndef f(a, b):",
                        code=f"def f(a, b):\n    {code}",
                        label=label,
                        generator="people",
                        label_from="tests",
                        license="MIT",
                    )
                )
    return made


def start(size: int) -> Linear:
    weights = np.linspace(-0.1, 0.1, size, dtype=np.float32)
    return Linear(np.zeros(size, np.float32), np.ones(size, np.float32), weights, 0.0)


READOUT = start(2 * 3 * 32)


PLAN = Tuning(fork=1, keep=(2, 3), rank=2)


def learnt_in(
    folder: Path,
    tiny: Backbone,
    schedule: Schedule,
    *,
    of: list[DataRow] | None = None,
    readout: Linear = READOUT,
    tuning: Tuning = PLAN,
) -> Learnt:
    return tune_on(
        [of or rows()],
        [rows()],
        tiny,
        readout,
        tuning=tuning,
        grouping=Grouping(),
        schedule=schedule,
        states=folder / "states",
        folder=folder / "run",
    )


def tuned(tiny: Backbone, folder: Path, schedule: Schedule) -> np.ndarray:  # type: ignore[type-arg]
    learnt = learnt_in(folder, tiny, schedule)
    assert learnt.updates is not None
    return learnt.updates.matrices["2.qkv"].up.numpy().copy()


def test_groups_hold_right_and_wrong_answers_under_one_prompt(tiny: Backbone) -> None:
    groups = groups_of(rows(), tiny.tokenizer, Grouping(per_label=2))
    assert [sorted(group.labels) for group in groups] == [[0, 0, 1, 1]] * 3
    assert all(len({one.prefix for one in group.examples}) == 1 for group in groups)
    again = groups_of(rows()[::-1], tiny.tokenizer, Grouping(per_label=2))
    assert [group.key for group in again] == [group.key for group in groups]


def test_packed_states_equal_those_of_single_readings(tiny: Backbone, tmp_path: Path) -> None:
    groups = groups_of(rows(1), tiny.tokenizer, Grouping())
    arguments = {"model_sha256": "ab" * 32, "layers": (1, 2), "cache": tmp_path}
    fresh = features_of(groups, backbone=lambda: tiny, **arguments)
    single = [state_inputs(one) for one in tiny.read(groups[0].examples, layers=(1, 2))]
    assert np.allclose(fresh.inputs, np.array(single), atol=2e-3)

    def unneeded() -> Backbone:
        raise AssertionError("the cache lacks a group")

    held = features_of(groups, backbone=unneeded, **arguments)
    assert np.allclose(held.inputs, fresh.inputs, atol=2e-3)


def test_tuning_changes_the_layers_and_resumes_where_it_was_cut_off(
    tiny: Backbone, tmp_path: Path
) -> None:
    schedule = Schedule(batch=1, warmup=1, epochs=2, every=1)
    whole = tuned(tiny, tmp_path / "whole", schedule)
    assert np.abs(whole).max() > 0

    class Cut(Exception):
        pass

    cut = tmp_path / "cut"
    seen: list[int] = []

    def stop(step: object) -> None:
        seen.append(1)
        if len(seen) == 4:
            raise Cut

    arguments = {
        "tuning": PLAN,
        "grouping": Grouping(),
        "schedule": schedule,
        "states": cut / "states",
        "folder": cut / "run",
    }
    with suppress(Cut):
        tune_on([rows()], [rows()], tiny, READOUT, progress=stop, **arguments)
    resumed = tune_on([rows()], [rows()], tiny, READOUT, **arguments).updates
    assert resumed is not None
    again = resumed.matrices["2.qkv"].up.numpy()
    assert np.allclose(whole, again, atol=1e-6)
    draw(cut / "run" / "steps.jsonl", tmp_path / "curve.png", window=6)
    assert (tmp_path / "curve.png").stat().st_size > 0


def test_a_run_on_other_rows_is_not_gone_on_with(tiny: Backbone, tmp_path: Path) -> None:
    schedule = Schedule(batch=1, warmup=1)
    tuned(tiny, tmp_path, schedule)
    turned = [replace(row, label=1 - row.label) for row in rows()]
    with pytest.raises(OtherInputs, match="other rows"):
        learnt_in(tmp_path, tiny, schedule, of=turned)


def test_a_log_that_a_kill_cut_short_is_gone_on_with_from_the_last_checkpoint(
    tmp_path: Path,
) -> None:
    log = tmp_path / "steps.jsonl"
    log.write_text('{"step": 0}\n{"step": 1}\n{"step": 2}\n{"st')
    cut_log(log, 2)
    assert log.read_text() == '{"step": 0}\n{"step": 1}\n'
    cut_log(tmp_path / "none.jsonl", 2)


def test_tuning_goes_on_from_updates_of_the_same_layers_and_rank(
    tiny: Backbone, tmp_path: Path
) -> None:
    once = Schedule(batch=1, warmup=1, rate=1e-2)
    first = learnt_in(tmp_path / "1", tiny, once)
    assert first.updates is not None
    still = Schedule(batch=1, warmup=1, rate=0.0, readout_rate=0.0)
    begun = replace(PLAN, begin=first.updates)
    again = learnt_in(tmp_path / "2", tiny, still, readout=first.readout, tuning=begun)
    assert again.updates is not None
    for name, update in first.updates.matrices.items():
        assert torch.equal(again.updates.matrices[name].up, update.up)
        assert torch.equal(again.updates.matrices[name].down, update.down)
    for other in (replace(begun, rank=3), replace(begun, keep=(2,))):
        with pytest.raises(ValueError, match=r"rank 2|other layers"):
            learnt_in(tmp_path / "3", tiny, once, tuning=other)


def test_the_pairwise_loss_wants_right_above_wrong() -> None:
    labels = torch.tensor([1.0, 0.0])
    good, bad = torch.tensor([2.0, -2.0]), torch.tensor([-2.0, 2.0])
    assert loss_of(good, labels, pointwise=0, pairwise=1) < loss_of(
        bad, labels, pointwise=0, pairwise=1
    )
    alone = loss_of(good, torch.ones(2), pointwise=1, pairwise=1)
    assert torch.equal(alone, loss_of(good, torch.ones(2), pointwise=1, pairwise=0))


def test_a_candidate_that_counts_for_nothing_teaches_nothing() -> None:
    labels, weights = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([1.0, 1.0, 0.0])
    told = [
        loss_of(torch.tensor([2.0, -1.0, x]), labels, pointwise=0, pairwise=1, weights=weights)
        for x in (-5.0, 5.0)
    ]
    assert torch.equal(told[0], told[1])


def test_each_writer_counts_as_much_right_as_wrong(tiny: Backbone) -> None:
    strong = [
        replace(row, generator="strong") for row in rows() if row.label or row.id.endswith("-0")
    ]
    groups = weighed(mixed([rows(), strong], tiny.tokenizer, Grouping()))
    counted: dict[tuple[str, int], float] = defaultdict(float)
    for group in groups:
        for kind in zip(group.writers, group.labels, group.weights, strict=True):
            counted[kind[:2]] += kind[2]
    assert counted["strong", 1] == counted["strong", 0] == 6
    assert counted["people", 1] == counted["people", 0] == 9


def test_the_rate_rises_to_its_peak_and_falls_to_nothing() -> None:
    shares = [share_of_peak(step, warmup=4, total=20) for step in range(21)]
    assert shares[:4] == [0.25, 0.5, 0.75, 1.0]
    assert shares[4:] == sorted(shares[4:], reverse=True)
    assert abs(shares[20]) < 1e-9


def test_a_point_of_the_curve_is_of_a_window_of_rows() -> None:
    steps = [
        {"loss": 1.0, "labels": [1, 0], "logits": [0.5, 0.1]},
        {"loss": 3.0, "labels": [1, 0], "logits": [0.2, 0.4]},
    ]
    assert [len(part) for part in windows(steps, 2)] == [1, 1]
    assert point(steps) == {"loss": 2.0, "auc": 0.75, "within": 0.5}
