from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from judge.adapter import (
    ADAPTERS,
    HEAD_FILE,
    UPDATES_FILE,
    Adapter,
    AdapterError,
    digest_of,
    folder_of,
    load,
    save,
)
from judge.calibrate import Calibration
from judge.head import SIGNALS, Head, Linear
from judge.network import Update
from judge.tuned import Updates


def linear(size: int) -> Linear:
    values = np.arange(size, dtype=np.float32)
    return Linear(center=values, scale=values + 1, weights=-values, bias=0.5)


UPDATES = Updates(
    fork=12,
    last=20,
    matrices={"13.qkv": Update(torch.full((2, 3), 0.5), torch.full((4, 2), 0.25), scale=2.0)},
)
ADAPTER = Adapter(
    model="some-model",
    model_sha256="ab" * 32,
    head=Head((16, 20), linear(6), linear(len(SIGNALS))),
    calibrations={
        "head": Calibration(1.5, -0.5, 0.4, 100),
        "head/python": Calibration(1.0, 0.5, 0.6, 60),
    },
    languages=frozenset({"python", "go"}),
    data_sha256="cd" * 32,
    updates=UPDATES,
)


def test_what_is_loaded_is_what_was_saved(tmp_path: Path) -> None:
    save(ADAPTER, tmp_path)
    loaded = load(tmp_path, model_sha256=ADAPTER.model_sha256)
    assert loaded.languages == ADAPTER.languages
    assert loaded.calibrations == ADAPTER.calibrations
    assert loaded.by_language("head") == {"python": ADAPTER.calibrations["head/python"]}
    assert loaded.by_language("yesno") == {}
    assert loaded.head is not None
    assert np.array_equal(loaded.head.states.weights, linear(6).weights)
    assert len(loaded.version) == 8
    assert loaded.updates is not None
    assert (loaded.updates.fork, loaded.updates.last) == (12, 20)
    change = loaded.updates.matrices["13.qkv"]
    assert torch.equal(
        change.scale * change.up.float() @ change.down.float(), torch.full((4, 3), 0.5)
    )
    assert digest_of(loaded.updates) == digest_of(UPDATES)


def test_a_head_of_the_states_alone_asks_for_no_log_probabilities(tmp_path: Path) -> None:
    assert ADAPTER.head is not None and ADAPTER.head.reads_log_probs
    save(replace(ADAPTER, head=replace(ADAPTER.head, signals=linear(1))), tmp_path)
    loaded = load(tmp_path, model_sha256=ADAPTER.model_sha256)
    assert loaded.head is not None and not loaded.head.reads_log_probs


def test_saving_without_updates_removes_those_of_before(tmp_path: Path) -> None:
    save(ADAPTER, tmp_path)
    save(replace(ADAPTER, updates=None), tmp_path)
    assert not (tmp_path / UPDATES_FILE).exists()
    assert load(tmp_path, model_sha256=ADAPTER.model_sha256).updates is None


@pytest.mark.parametrize("name", [HEAD_FILE, UPDATES_FILE])
def test_a_file_that_is_not_the_one_that_was_saved_is_refused(tmp_path: Path, name: str) -> None:
    save(ADAPTER, tmp_path)
    (tmp_path / name).write_bytes(b"other")
    with pytest.raises(AdapterError, match=name):
        load(tmp_path, model_sha256=ADAPTER.model_sha256)


def test_an_adapter_of_another_model_is_refused(tmp_path: Path) -> None:
    save(ADAPTER, tmp_path)
    with pytest.raises(AdapterError, match="model_sha256"):
        load(tmp_path, model_sha256="00" * 32)


def test_a_team_s_own_adapter_comes_before_the_shipped_one(tmp_path: Path) -> None:
    assert folder_of("some-model", tmp_path) == ADAPTERS / "some-model"
    own = tmp_path / "adapters" / "some-model"
    save(ADAPTER, own)
    assert folder_of("some-model", tmp_path) == own


def test_an_empty_folder_is_no_adapter(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match=r"judge\.json"):
        load(tmp_path, model_sha256="00" * 32)
