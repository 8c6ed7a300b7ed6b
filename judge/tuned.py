"""The upper layers with what training changed in them: one more logit per example. Decides; no I/O.

The branch leaves the untouched model at `fork`, so that the model's own log-probabilities stay what
they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judge.head import Linear

if TYPE_CHECKING:
    from judge.network import Layers, Update


@dataclass(frozen=True, slots=True)
class Updates:
    """What training changed: low-rank updates of the layers above `fork`, and a readout.

    fork      the last layer that was left as it is, 1 the first
    keep      layers whose states the readout reads, all above `fork`
    matrices  name such as "13.qkv" -> its update
    readout   from means over the code and the last token's states, each (len(keep) * D,), to a
              logit
    """

    fork: int
    keep: tuple[int, ...]
    matrices: Mapping[str, Update]
    readout: Linear


@dataclass(frozen=True, slots=True)
class Tuned:
    """Layers `fork` + 1 and up with the updates merged in."""

    layers: Layers
    updates: Updates


def tune(network: object, updates: Updates) -> Tuned:
    """`network`'s upper layers as `updates` want them; the network itself stays as it is.

    Raises KeyError where an update names a matrix that there is not.
    """
    from judge.network import Layers

    layers = Layers(network, updates.fork + 1, max(updates.keep)).eval()
    matrices = dict(layers.matrices())
    for name, update in updates.matrices.items():
        matrices[name].merge(update)
    return Tuned(layers, updates)
