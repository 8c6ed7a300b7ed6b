"""Run the language model over encoded examples, keep what judges need. Acts: loads weights.

Examples are read many at once, as one prefix tree: what several begin with is computed once, and
none sees another's own tokens. An example's reading equals its reading alone but for rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from judge.encode import MAX_TOKENS, Encoded, Tokenizer
from judge.forest import I64, Forest, Piece, code_places, forests, windows

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from judge.attention import Sight
    from judge.mapped import MappedWeights
    from judge.network import Layers
    from judge.tuned import Tuned, Updates

F32 = NDArray[np.float32]
PACKED_TOKENS = 1024  # read at once; more multiply hardly faster, and take more memory
LOGITS = 4 << 20  # of the vocabulary at once: 16 MB, and the matrix is read in few pieces
VOCABULARY = "model.embed_tokens.weight"  # the widest matrix: a quarter of a small model
OVERLAP = 256  # tokens of code that a window has in common with the one before


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one example says.

    states        (L, 3, D) hidden states of the asked layers, as training changed those: over the
                  code's tokens the mean and the standard deviation, and the last token's own
    log_probs     (n,) natural-log probability of each of the code's n tokens, given all before it;
                  0 where they were not asked for
    yes_minus_no  logit of "Yes" minus logit of "No" as the answer, 0 where it was not asked
    windows       how many pieces the code was read in, 1 where it was read whole
    """

    states: F32
    log_probs: F32
    yes_minus_no: float = 0.0
    windows: int = 1


@dataclass(frozen=True)
class Backbone:
    """A causal language model and its tokenizer, ready to read.

    tuned    the upper layers as training changed them, or None
    longest  tokens of one example that are read at once; longer ones are read in windows
    weights  where the network's parameters lie in their file, or None
    """

    network: Any  # transformers' PreTrainedModel; its stubs are untyped
    tokenizer: Tokenizer
    yes: int
    no: int
    tuned: Tuned | None = None
    longest: int = MAX_TOKENS
    weights: MappedWeights | None = None

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
        self,
        examples: Iterable[Encoded],
        *,
        layers: Sequence[int],
        ask: bool = False,
        log_probs: bool = True,
    ) -> Iterator[Reading]:
        """As `read`, a few at a time; neighbours that begin alike share what they begin with.

        log_probs  compute `log_probs`, which takes a product with the whole vocabulary

        Raises ValueError for a task that leaves no room for code in `longest`.
        """
        import torch

        pieces = (
            piece
            for one in examples
            for piece in windows(one if ask else one.bare(), longest=self.longest, overlap=OVERLAP)
        )
        held: list[tuple[Piece, Reading]] = []
        for forest in forests(pieces, tokens=min(PACKED_TOKENS, self.longest)):
            with torch.inference_mode():
                readings = self._read_forest(forest, layers, ask, log_probs)
            for (piece, _), reading in zip(forest.pieces, readings, strict=True):
                if held and not piece.number:
                    yield joined(held)
                    held = []
                held.append((piece, reading))
        if held:
            yield joined(held)

    def _read_forest(
        self, forest: Forest, layers: Sequence[int], ask: bool, log_probs: bool
    ) -> list[Reading]:
        """One reading per piece."""
        import torch

        from judge.attention import sights
        from judge.pooling import pooled

        positions, where = torch.tensor(forest.positions), sights(forest)
        codes = [code_places(piece, path) for piece, path in forest.pieces]
        ids = torch.tensor(forest.ids)
        states, top = self._states(ids, positions, where, layers, to_the_top=ask or log_probs)
        likely = self._log_probs(top, forest, codes) if log_probs else None
        lasts = [int(path[-1]) for _, path in forest.pieces]
        answers = self._answers(top[lasts]) if ask else [0.0] * len(codes)
        return [
            Reading(
                states=_numpy(torch.stack([pooled(one[code]) for one in states])),
                log_probs=np.zeros(len(code), np.float32) if likely is None else likely[code],
                yes_minus_no=answer,
            )
            for code, answer in zip(codes, answers, strict=True)
        ]

    def _states(
        self,
        ids: Tensor,
        positions: Tensor,
        where: Sequence[Sight],
        numbers: Sequence[int],
        *,
        to_the_top: bool,
    ) -> tuple[list[Tensor], Tensor]:
        """(T, D) after each layer of `numbers`, as training changed it, and the last one computed
        of the model's own layers, which is its last of all where `to_the_top`.

        No other layer is run than these take.
        """
        fork, last = (self.tuned.updates.fork, self.tuned.updates.last) if self.tuned else (0, 0)
        changed = [one for one in numbers if fork < one <= last]
        own = {one for one in numbers if one not in changed}
        own |= {fork} if changed else set()
        own |= {len(self.network.model.layers)} if to_the_top else set()
        wanted = sorted(own)
        x = self.network.model.embed_tokens(ids)
        found = dict(zip(wanted, self.layers(x, positions, where, keep=wanted), strict=True))
        top = found[wanted[-1]]
        if self.tuned and changed:
            tuned = self.tuned.layers(found[fork], positions, where, keep=changed)
            found |= dict(zip(changed, tuned, strict=True))
        return [found[one] for one in numbers], top

    def _log_probs(self, states: Tensor, forest: Forest, codes: Sequence[I64]) -> F32:
        """(T, D) after the last layer -> (T,) of each token of `codes`, 0 for the others.

        The vocabulary is gone through in slices, for all tokens at once: that bounds the memory,
        and its matrix is read from memory once.
        """
        import torch
        from torch.nn import functional

        places = np.unique(np.concatenate(codes))
        rows, of = np.unique(np.array(forest.parents)[places], return_inverse=True)
        x = self.network.model.norm(states[torch.from_numpy(rows)])  # (R, D)
        targets, row_of = torch.tensor(forest.ids)[places], torch.from_numpy(of)
        total = torch.full((len(rows),), -torch.inf)
        own = torch.zeros(len(places))
        weight = self.network.lm_head.weight  # (V, D)
        size = max(LOGITS // len(rows), 1)
        for start in range(0, len(weight), size):
            logits = functional.linear(x, weight[start : start + size]).float()  # (R, size)
            total = torch.logaddexp(total, logits.logsumexp(1))
            inside = ((targets >= start) & (targets < start + size)).nonzero()[:, 0]
            own[inside] = logits[row_of[inside], targets[inside] - start]
        if self.weights is not None:
            self.weights.let_go(VOCABULARY)
        found = np.zeros(len(forest), np.float32)
        found[places] = _numpy(own - total[row_of])
        return found

    def _answers(self, states: Tensor) -> list[float]:
        """(C, D) after the last layer, at the end of the question -> "Yes" minus "No"."""
        from torch.nn import functional

        words = self.network.lm_head.weight[[self.yes, self.no]]  # (2, D)
        logits = functional.linear(self.network.model.norm(states), words).float()  # (C, 2)
        return [float(yes - no) for yes, no in logits]


def open_backbone(
    folder: Path,
    *,
    threads: int | None = None,
    updates: Updates | None = None,
    longest: int = MAX_TOKENS,
) -> Backbone:
    """The model saved in `folder` (safetensors and tokenizer), in the precision it was saved in,
    or in float32 where this processor does not multiply bfloat16.

    threads  CPU threads of a matrix product; None leaves torch's choice
    updates  what training changed in the upper layers
    longest  tokens of one example that are read at once

    On the CPU the weights stay in their file, which is mapped. Raises OSError where the folder
    holds no model.
    """
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    from judge.mapped import give_back, lay_over
    from judge.precision import multiplies_bf16
    from judge.tokens import open_tokenizer
    from judge.tuned import tune

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if threads is not None:
        torch.set_num_threads(threads)
    tokenizer = open_tokenizer(folder)
    network: Any = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype="auto")
    network.eval()
    if network.dtype is torch.bfloat16 and not multiplies_bf16(torch.cpu.get_capabilities()):
        network.float()
    weights = lay_over(network, folder)
    yes, no = (tokenizer.encode(word, add_special_tokens=False)[0] for word in ("Yes", "No"))
    tuned = tune(network, updates) if updates else None
    if updates:
        for name in weights.places:
            if updates.replaces(name):
                weights.let_go(name)
    give_back()
    return Backbone(network, tokenizer, yes, no, tuned, longest, weights)


def joined(read: Sequence[tuple[Piece, Reading]]) -> Reading:
    """The reading of an example from those of its windows; every token of the code counts once."""
    if len(read) == 1:
        return read[0][1]
    from judge.pooling import pooled_of_parts

    readings = [reading for _, reading in read]
    weights = np.array([len(piece.example.code) - piece.skip for piece, _ in read], np.float64)
    weights /= weights.sum()
    return Reading(
        states=pooled_of_parts([one.states for one in readings], weights),
        log_probs=np.concatenate([one.log_probs for one in readings]),
        yes_minus_no=float(weights @ [one.yes_minus_no for one in readings]),
        windows=len(readings),
    )


def _numpy(tensor: torch.Tensor) -> F32:
    return tensor.numpy().astype(np.float32)
