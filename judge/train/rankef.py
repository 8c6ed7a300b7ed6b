"""The objective of RankEF: is the code right, and what would running it tell? Decides; no I/O.

After arXiv 2408.13976, with the tasks' layers shared: one network says whether code is right, of
which kind its error is, and the text of the feedback. Only the first is asked for afterwards; the
others are there to teach the shared part what makes code wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

NO_KIND = -1  # of a row whose outcome is not known: it teaches whether it is right, nothing else
IGNORED = -100  # a place of a feedback's text that no loss looks at
_EXCEPTIONS = {  # of Python and JavaScript; of other names there are too few to learn each
    "NameError": "name",
    "ReferenceError": "name",
    "UnboundLocalError": "name",
    "TypeError": "type",
    "IndexError": "index",
    "KeyError": "index",
    "RangeError": "index",
    "ValueError": "value",
    "AttributeError": "attribute",
}
KINDS = (
    "passed",
    "assertion",
    *dict.fromkeys(_EXCEPTIONS.values()),
    "exception",
    "timeout",
    "compile",
)
_TEXTS = {
    "passed": "It passes every test.",
    "assertion": "A test finds a wrong answer.",
    "timeout": "It does not end in time.",
    "compile": "It does not compile.",
}


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each task counts; 0 and 0 are a plain classifier."""

    kind: float = 0.0
    text: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.kind or self.text)


PLAIN = Weights()
RANKEF = Weights(kind=0.5, text=0.5)


@dataclass(frozen=True, slots=True)
class Said:
    """What a network says of B rows.

    right      (B,) logits of being right
    kinds      (B, len(KINDS)) logits of the outcome's kind, None where that was not asked
    text_loss  mean cross-entropy of the feedback's tokens, None where that was not asked
    """

    right: Tensor
    kinds: Tensor | None = None
    text_loss: Tensor | None = None


def kind_of(outcome: str) -> int:
    """Index into KINDS of an outcome that `gavel data label` names, or NO_KIND.

    >>> KINDS[kind_of("exception:ReferenceError")]
    'name'
    """
    name, _, raised = outcome.partition(":")
    told = _EXCEPTIONS.get(raised, name) if name == "exception" else name
    return KINDS.index(told) if told in KINDS else NO_KIND


def text_of(outcome: str) -> str:
    """The feedback as a sentence, or "" where the outcome is not known.

    >>> text_of("exception:KeyError")
    'It raises KeyError.'
    """
    name, _, raised = outcome.partition(":")
    return f"It raises {raised}." if name == "exception" and raised else _TEXTS.get(name, "")


def objective(said: Said, labels: Tensor, kinds: Tensor, weights: Weights) -> Tensor:
    """The loss of all tasks together.

    labels  (B,) 1.0 for correct, 0.0 for wrong
    kinds   (B,) index into KINDS, or NO_KIND
    """
    loss = functional.binary_cross_entropy_with_logits(said.right, labels)
    known = kinds != NO_KIND
    if weights.kind and said.kinds is not None and bool(known.any()):
        loss = loss + weights.kind * functional.cross_entropy(said.kinds[known], kinds[known])
    if weights.text and said.text_loss is not None:
        loss = loss + weights.text * said.text_loss
    return loss


def token_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy of `targets` (B, S) under `logits` (B, S, V), IGNORED places left out.

    0 where all are left out: rows without a known outcome have no text to learn.
    """
    if not bool((targets != IGNORED).any()):
        return torch.zeros(())
    return functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
