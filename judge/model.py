"""Run the language model over encoded examples, keep what judges need. Acts: loads weights.

Neighbours with one prefix are read together: the prefix once, then their codes packed into
sequences in which no candidate sees another. An example's reading equals its reading alone but for
rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from judge.encode import Encoded, Tokenizer

if TYPE_CHECKING:
    import torch

    from judge.network import Layers, Memory, Span
    from judge.tuned import Tuned, Updates

F32 = NDArray[np.float32]
LOGIT_ROWS = 128  # rows of logits at once: 128 x 152k x 4 bytes are 78 MB
PACKED_TOKENS = 512  # of one sequence; longer ones multiply no faster, and mask more


@dataclass(frozen=True, slots=True)
class Reading:
    """What one forward pass says about one example.

    mean_states   (L, D) hidden states of the asked layers, mean over the code's tokens
    log_probs     (n,) natural-log probability of each of the code's n tokens, given all before it
    yes_minus_no  logit of "Yes" minus logit of "No" as the answer, 0 where it was not asked
    tuned_logit   what the trained upper layers say, 0 where there are none
    """

    mean_states: F32
    log_probs: F32
    yes_minus_no: float = 0.0
    tuned_logit: float = 0.0


@dataclass(frozen=True)
class Backbone:
    """A causal language model and its tokenizer, ready to read; `tuned` is what training added."""

    network: Any  # transformers' PreTrainedModel; its stubs are untyped
    tokenizer: Tokenizer
    yes: int
    no: int
    tuned: Tuned | None = None

    @cached_property
    def layers(self) -> Layers:
        """All layers of the network."""
        from judge.network import Layers

        return Layers(self.network, 1, len(self.network.model.layers)).eval()

    def read(
        self, examples: Sequence[Encoded], *, layers: Sequence[int], ask: bool = False
    ) -> list[Reading]:
        """One reading per example, in order.

        layers  numbers of transformer layers, 1 the first; their outputs before the final norm
        ask     read the question too, for `yes_minus_no`
        """
        return list(self.iter_read(examples, layers=layers, ask=ask))

    def iter_read(
        self, examples: Iterable[Encoded], *, layers: Sequence[int], ask: bool = False
    ) -> Iterator[Reading]:
        """As `read`, a few at a time; neighbours with one prefix share its pass."""
        for prefix, several in groupby(examples, key=lambda one: one.prefix):
            candidates = [one if ask else one.bare() for one in several]
            # The prefix's last token predicts the code's first: it is read again with each code.
            yield from self._read_group(prefix[:-1], candidates, layers, ask)

    def _read_group(
        self, shared: Sequence[int], several: list[Encoded], layers: Sequence[int], ask: bool
    ) -> Iterator[Reading]:
        import torch

        size = len(shared)
        with torch.inference_mode():
            mask = torch.ones(size, size, dtype=torch.bool).tril()
            past, kept = self.layers.remember(
                self._embedded(shared), torch.arange(size), mask, keep=self._fork()
            )
            tuned_past = self.tuned.remember(kept[0]) if self.tuned else None
        for part in _parts(several):
            with torch.inference_mode():
                readings = self._read_part(size, past, tuned_past, part, layers, ask)
            yield from readings

    def _read_part(
        self,
        size: int,
        past: Memory,
        tuned_past: Memory | None,
        part: Sequence[Encoded],
        layers: Sequence[int],
        ask: bool,
    ) -> list[Reading]:
        from judge.network import pack

        packed = pack(part, again=1)
        wanted = [*layers, *self._fork(), len(self.network.model.layers)]
        states = self.layers(
            self._embedded(packed.ids.tolist()),
            size + packed.positions,
            packed.mask_after(size),
            keep=wanted,
            past=past,
        )
        return [
            self._reading(example, span, states, layers, ask, tuned_past)
            for example, span in zip(part, packed.spans, strict=True)
        ]

    def _reading(
        self,
        example: Encoded,
        span: Span,
        states: Sequence[Any],
        layers: Sequence[int],
        ask: bool,
        tuned_past: Memory | None,
    ) -> Reading:
        """From `states`, (T, D) of each wanted layer; a span begins at the prefix's last token."""
        import torch

        n = len(example.code)
        own = [one[span.start : span.stop] for one in states]
        final = self.network.model.norm(own[-1])  # (1 + n + tail, D)
        means = torch.stack([one[1 : n + 1].float().mean(0) for one in own[: len(layers)]])
        answer = self.network.lm_head(final[-1:]).float()[0] if ask else None  # (V,)
        return Reading(
            mean_states=_numpy(means),
            log_probs=_numpy(self._log_probs(final[:n], torch.tensor(example.code))),
            yes_minus_no=0.0 if answer is None else float(answer[self.yes] - answer[self.no]),
            tuned_logit=(
                0.0
                if self.tuned is None or tuned_past is None
                else self.tuned.logit(own[len(layers)][: n + 1], tuned_past)
            ),
        )

    def _log_probs(self, states: Any, targets: Any) -> Any:
        """(n, D) and (n,) -> (n,); over the vocabulary in slices, which bounds the memory."""
        import torch

        parts = []
        for some, ids in zip(states.split(LOGIT_ROWS), targets.split(LOGIT_ROWS), strict=True):
            logits = self.network.lm_head(some).float()  # (r, D) -> (r, V)
            parts.append(logits.gather(1, ids[:, None])[:, 0] - logits.logsumexp(1))
        return torch.cat(parts)

    def _embedded(self, ids: Sequence[int]) -> Any:
        import torch

        return self.network.model.embed_tokens(torch.tensor(ids, dtype=torch.long))

    def _fork(self) -> tuple[int, ...]:
        return (self.tuned.updates.fork,) if self.tuned else ()


def open_backbone(
    folder: Path, *, threads: int | None = None, updates: Updates | None = None
) -> Backbone:
    """The model saved in `folder` (safetensors and tokenizer), in the precision it was saved in.

    threads  CPU threads of a matrix product; None leaves torch's choice
    updates  what training changed in the upper layers, to be run beside the model

    Raises OSError where the folder holds no model.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    from judge.tuned import tune

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if threads is not None:
        torch.set_num_threads(threads)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    network: Any = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype="auto")
    network.eval()
    yes, no = (tokenizer.encode(word, add_special_tokens=False)[0] for word in ("Yes", "No"))
    return Backbone(network, tokenizer, yes, no, tune(network, updates) if updates else None)


def _parts(several: Sequence[Encoded]) -> Iterator[list[Encoded]]:
    """`several` in order, in parts of at most `PACKED_TOKENS` or of one example."""
    part: list[Encoded] = []
    size = 0
    for example in several:
        cost = 1 + len(example.code) + len(example.tail)
        if part and size + cost > PACKED_TOKENS:
            yield part
            part, size = [], 0
        part.append(example)
        size += cost
    yield part


def _numpy(tensor: torch.Tensor) -> F32:
    return tensor.numpy().astype(np.float32)
