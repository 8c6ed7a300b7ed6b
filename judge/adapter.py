"""What training adds to a model: head, calibrations and where they hold. Acts on one folder.

A folder holds `judge.json` and, where they were trained, `head.safetensors` and
`updates.safetensors`; it loads or fails as one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.calibrate import Calibration
from judge.change_head import CHANGE_SIGNALS, ChangeHead
from judge.encode import PROMPT_VERSION
from judge.head import SIGNALS, Head, Linear
from judge.tuned import Updates

ADAPTERS = Path(__file__).parent / "adapters"
FORMAT = 4
HEAD_FILE = "head.safetensors"
UPDATES_FILE = "updates.safetensors"
PARTS = ("center", "scale", "weights", "bias")  # of a regression


def folder_of(model: str, home: Path) -> Path:
    """Where the adapter of `model` lies: a team's own under `home`, else the shipped one."""
    own = home / "adapters" / model
    return own if own.is_dir() else ADAPTERS / model


class AdapterError(Exception):
    """An adapter is missing, damaged or made for something else; the message says which."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """Everything trained for one model.

    model         registry name of the model it was trained on
    model_sha256  hash of that model's file of weights
    head          the trained head, or None
    calibrations  method -> its calibration; "METHOD/LANGUAGE" -> that of one language alone
    languages     names from `judge.languages` that the calibrations hold for
    data_sha256   hash of the rows that it was trained on
    updates       the trained change of the upper layers, or None
    changes       the trained head for changes, or None; "changes" in `calibrations` is its own
    version       first 8 hex digits of the hash of its files; "" before it is saved
    """

    model: str
    model_sha256: str
    head: Head | None
    calibrations: Mapping[str, Calibration]
    languages: frozenset[str]
    data_sha256: str
    updates: Updates | None = None
    changes: ChangeHead | None = None
    version: str = ""

    def by_language(self, method: str) -> dict[str, Calibration]:
        """Language -> the calibration of `method` that was made on its rows alone."""
        return {
            language: calibration
            for name, calibration in self.calibrations.items()
            for found, _, language in [name.partition("/")]
            if found == method and language
        }


def load(folder: Path, *, model_sha256: str) -> Adapter:
    """The adapter in `folder`. Raises AdapterError where it is not whole or not for that model."""
    try:
        raw = (folder / "judge.json").read_bytes()
        config: dict[str, Any] = json.loads(raw)
    except (OSError, ValueError) as error:
        raise AdapterError(f"no readable judge.json in {folder}: {error}") from error
    for key, expected in (
        ("format", FORMAT),
        ("prompt_version", PROMPT_VERSION),
        ("model_sha256", model_sha256),
        ("signals", list(SIGNALS[: len(config.get("signals") or ())])),
        ("change_signals", list(CHANGE_SIGNALS[: len(config.get("change_signals") or ())])),
    ):
        if config.get(key) != expected:
            raise AdapterError(
                f"the adapter in {folder} has {key} {config.get(key)!r}, expected {expected!r}: "
                "train it again with `gavel train`"
            )
    head = _checked(folder / HEAD_FILE, config["head_sha256"])
    updates = _checked(folder / UPDATES_FILE, config["updates_sha256"])
    return Adapter(
        model=config["model"],
        model_sha256=config["model_sha256"],
        head=_head_from(head, tuple(config["layers"])) if head else None,
        calibrations={name: Calibration(**c) for name, c in config["calibrations"].items()},
        languages=frozenset(config["languages"]),
        data_sha256=config["data_sha256"],
        updates=_updates_from(updates, config) if updates else None,
        changes=_changes_from(head, config) if head else None,
        version=hashlib.sha256(raw).hexdigest()[:8],
    )


def save(adapter: Adapter, folder: Path) -> None:
    """Write `adapter` into `folder`, made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    head, updates = adapter.head, adapter.updates
    written = {
        HEAD_FILE: _head_bytes(head, adapter.changes) if head else b"",
        UPDATES_FILE: _updates_bytes(updates) if updates else b"",
    }
    for name, data in written.items():
        if data:
            (folder / name).write_bytes(data)
        else:
            (folder / name).unlink(missing_ok=True)
    config = {
        "format": FORMAT,
        "prompt_version": PROMPT_VERSION,
        "model": adapter.model,
        "model_sha256": adapter.model_sha256,
        "layers": list(head.layers) if head else [],
        "signals": list(SIGNALS[: len(head.signals.center)]) if head else [],
        "change_signals": list(CHANGE_SIGNALS[: _width(adapter.changes)]),
        "change_languages": sorted(adapter.changes.languages) if adapter.changes else [],
        "fork": updates.fork if updates else 0,
        "last": updates.last if updates else 0,
        "languages": sorted(adapter.languages),
        "calibrations": {name: asdict(c) for name, c in sorted(adapter.calibrations.items())},
        "data_sha256": adapter.data_sha256,
        "head_sha256": hashlib.sha256(written[HEAD_FILE]).hexdigest(),
        "updates_sha256": hashlib.sha256(written[UPDATES_FILE]).hexdigest(),
    }
    (folder / "judge.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _width(changes: ChangeHead | None) -> int | None:
    """How many of the signals a head for changes looks at; all those there are for none."""
    return len(changes.signals.center) if changes is not None else None


def digest_of(updates: Updates | None) -> str:
    """SHA-256 of `updates` as they are saved, "" for none."""
    return hashlib.sha256(_updates_bytes(updates)).hexdigest() if updates else ""


def _checked(path: Path, sha256: str) -> bytes:
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise AdapterError(f"{path} is missing or damaged: its hash is not that in judge.json")
    return data


def _head_bytes(head: Head, changes: ChangeHead | None) -> bytes:
    from safetensors.numpy import save as to_bytes

    linears = {"states": head.states, "signals": head.signals}
    if changes is not None:
        linears["changes"] = changes.signals
    return bytes(
        to_bytes({k: v for name, one in linears.items() for k, v in _named(name, one).items()})
    )


def _updates_bytes(updates: Updates) -> bytes:
    """Low-rank matrices in half precision, with the scale multiplied into `up`."""
    from safetensors.numpy import save as to_bytes

    tensors: dict[str, NDArray[Any]] = {}
    for name, update in updates.matrices.items():
        tensors[f"{name}.down"] = update.down.numpy().astype(np.float16)
        tensors[f"{name}.up"] = (update.up * update.scale).numpy().astype(np.float16)
    return bytes(to_bytes({key: np.ascontiguousarray(value) for key, value in tensors.items()}))


def _named(name: str, linear: Linear) -> dict[str, NDArray[Any]]:
    values = (linear.center, linear.scale, linear.weights, np.array([linear.bias]))
    return {
        f"{name}.{part}": np.ascontiguousarray(value)
        for part, value in zip(PARTS, values, strict=True)
    }


def _linear(name: str, tensors: Mapping[str, NDArray[Any]]) -> Linear:
    center, scale, weights, bias = (tensors[f"{name}.{part}"] for part in PARTS)
    return Linear(center=center, scale=scale, weights=weights, bias=float(bias[0]))


def _head_from(data: bytes, layers: tuple[int, ...]) -> Head:
    tensors = _tensors(data, HEAD_FILE)
    try:
        return Head(layers, _linear("states", tensors), _linear("signals", tensors))
    except KeyError as error:
        raise AdapterError(f"{HEAD_FILE} lacks {error}: train the adapter again") from error


def _changes_from(data: bytes, config: Mapping[str, Any]) -> ChangeHead | None:
    tensors = _tensors(data, HEAD_FILE)
    held = all(f"changes.{part}" in tensors for part in PARTS)
    languages = frozenset(config["change_languages"])
    return ChangeHead(_linear("changes", tensors), languages) if held else None


def _updates_from(data: bytes, config: Mapping[str, Any]) -> Updates:
    import torch

    from judge.network import Update

    tensors = _tensors(data, UPDATES_FILE)
    names = sorted(key.removesuffix(".up") for key in tensors if key.endswith(".up"))
    try:
        matrices = {
            name: Update(
                down=torch.from_numpy(tensors[f"{name}.down"]),
                up=torch.from_numpy(tensors[f"{name}.up"]),
                scale=1.0,
            )
            for name in names
        }
    except KeyError as error:
        raise AdapterError(f"{UPDATES_FILE} lacks {error}: train the adapter again") from error
    return Updates(int(config["fork"]), int(config["last"]), matrices)


def _tensors(data: bytes, name: str) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    try:
        return dict(from_bytes(data))
    except SafetensorError as error:
        raise AdapterError(f"{name} is damaged: {error}") from error
