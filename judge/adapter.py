"""What training adds to a model: head, calibrations and where they hold. Acts on one folder.

A folder holds `judge.json` and, where a head was trained, `head.safetensors`; it loads or fails as
one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from judge.calibrate import Calibration
from judge.encode import PROMPT_VERSION
from judge.head import SIGNALS, Head, Linear

ADAPTERS = Path(__file__).parent / "adapters"
FORMAT = 1


class AdapterError(Exception):
    """An adapter is missing, damaged or made for something else; the message says which."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """Everything trained for one model.

    model         registry name of the model it was trained on
    model_sha256  hash of that model's file of weights
    head          the trained head, or None
    calibrations  method -> its calibration
    languages     names from `judge.languages` that the calibrations hold for
    data_sha256   hash of the rows that it was trained on
    version       first 8 hex digits of the hash of its files; "" before it is saved
    """

    model: str
    model_sha256: str
    head: Head | None
    calibrations: Mapping[str, Calibration]
    languages: frozenset[str]
    data_sha256: str
    version: str = ""


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
    ):
        if config.get(key) != expected:
            raise AdapterError(
                f"the adapter in {folder} has {key} {config.get(key)!r}, expected {expected!r}: "
                "train it again with `gavel train`"
            )
    head_file = folder / "head.safetensors"
    head_bytes = head_file.read_bytes() if head_file.is_file() else b""
    if hashlib.sha256(head_bytes).hexdigest() != config["head_sha256"]:
        raise AdapterError(f"{head_file} is missing or damaged: its hash is not that in judge.json")
    return Adapter(
        model=config["model"],
        model_sha256=config["model_sha256"],
        head=_head_from(head_bytes, tuple(config["layers"])) if head_bytes else None,
        calibrations={name: Calibration(**c) for name, c in config["calibrations"].items()},
        languages=frozenset(config["languages"]),
        data_sha256=config["data_sha256"],
        version=hashlib.sha256(raw).hexdigest()[:8],
    )


def save(adapter: Adapter, folder: Path) -> None:
    """Write `adapter` into `folder`, made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    head_bytes = _bytes_of(adapter.head) if adapter.head else b""
    if head_bytes:
        (folder / "head.safetensors").write_bytes(head_bytes)
    config = {
        "format": FORMAT,
        "prompt_version": PROMPT_VERSION,
        "model": adapter.model,
        "model_sha256": adapter.model_sha256,
        "layers": list(adapter.head.layers) if adapter.head else [],
        "signals": list(SIGNALS),
        "languages": sorted(adapter.languages),
        "calibrations": {name: asdict(c) for name, c in sorted(adapter.calibrations.items())},
        "data_sha256": adapter.data_sha256,
        "head_sha256": hashlib.sha256(head_bytes).hexdigest(),
    }
    (folder / "judge.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _bytes_of(head: Head) -> bytes:
    from safetensors.numpy import save as to_bytes

    tensors = {}
    for name, linear in (("states", head.states), ("signals", head.signals)):
        tensors[f"{name}.center"] = linear.center
        tensors[f"{name}.scale"] = linear.scale
        tensors[f"{name}.weights"] = linear.weights
        tensors[f"{name}.bias"] = np.array([linear.bias])
    return bytes(to_bytes({key: np.ascontiguousarray(value) for key, value in tensors.items()}))


def _head_from(data: bytes, layers: tuple[int, ...]) -> Head:
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    try:
        tensors = from_bytes(data)
        states, signals = (
            Linear(
                center=tensors[f"{name}.center"],
                scale=tensors[f"{name}.scale"],
                weights=tensors[f"{name}.weights"],
                bias=float(tensors[f"{name}.bias"][0]),
            )
            for name in ("states", "signals")
        )
    except (SafetensorError, KeyError) as error:
        raise AdapterError(f"head.safetensors is damaged: {error}") from error
    return Head(layers=layers, states=states, signals=signals)
