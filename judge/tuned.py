"""The upper layers with what training changed in them. Decides; no I/O.

The branch leaves the untouched model at `fork`, so that the model's own log-probabilities stay what
they are. Where they are not asked for, the untouched layers above it are not run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judge.network import Layers, Update

_LAYER = re.compile(r"model\.layers\.(\d+)\.")


@dataclass(frozen=True, slots=True)
class Updates:
    """What training changed: low-rank updates of the layers above `fork`.

    fork      the last layer that was left as it is, 1 the first
    last      the last layer that was changed
    matrices  name such as "13.qkv" -> its update
    """

    fork: int
    last: int
    matrices: Mapping[str, Update]

    def replaces(self, name: str) -> bool:
        """Whether a parameter of the model, such as "model.layers.12.mlp.up_proj.weight", counted
        from 0, is of a layer that they change: it is read to begin with, and seldom again.
        """
        found = _LAYER.match(name)
        return found is not None and self.fork <= int(found[1]) < self.last


@dataclass(frozen=True, slots=True)
class Tuned:
    """Layers `fork` + 1 to `last` with the updates merged in."""

    layers: Layers
    updates: Updates


def tune(network: object, updates: Updates) -> Tuned:
    """`network`'s upper layers as `updates` want them; the network itself stays as it is.

    Raises KeyError where an update names a matrix that there is not.
    """
    from judge.network import Layers

    layers = Layers(network, updates.fork + 1, updates.last).eval()
    matrices = dict(layers.matrices())
    for name, update in updates.matrices.items():
        matrices[name].merge(update)
    return Tuned(layers, updates)
