"""The trained head: from what the language model computed to one logit. Decides; no I/O.

Two logistic regressions. The first reads the hidden states; the second weighs its logit, where that
helps, against the mean log-probability of the code.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from judge.model import F32, Reading

F64 = NDArray[np.float64]

SIGNALS = ("states", "mean_log_prob")


@dataclass(frozen=True, slots=True)
class Linear:
    """A logistic regression on standardised inputs: (F,) -> logit."""

    center: F32
    scale: F32
    weights: F32
    bias: float

    def logits(self, inputs: NDArray[np.floating]) -> F64:
        """(N, F) -> (N,)"""
        standard = (inputs - self.center) / self.scale
        return np.asarray(standard @ self.weights.astype(np.float64) + self.bias, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Head:
    """Both regressions, and the layers whose states the first one reads (1 is the first).

    signals  weighs all of `SIGNALS`, or the first of them alone
    """

    layers: tuple[int, ...]
    states: Linear
    signals: Linear

    @property
    def reads_log_probs(self) -> bool:
        """Whether it needs the log-probabilities of a reading."""
        return len(self.signals.center) > 1

    def logit(self, reading: Reading) -> float:
        """One uncalibrated score; higher is likelier correct."""
        state_logit = self.states.logits(state_inputs(reading)[None])[0]
        inputs = signal_inputs(reading, float(state_logit))[: len(self.signals.center)]
        return float(self.signals.logits(inputs[None])[0])


def state_inputs(reading: Reading) -> F32:
    """(L * 3 * D,) each layer's mean over the code, its deviation, and its last token's states."""
    return reading.states.ravel()


def signal_inputs(reading: Reading, state_logit: float) -> F64:
    """(2,) the second regression's inputs, in the order of `SIGNALS`."""
    return np.array([state_logit, reading.log_probs.astype(np.float64).mean()])
