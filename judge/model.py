"""Run the language model over encoded examples, keep what judges need. Acts: loads weights.

One example is two passes: its prefix, which candidates of one task share, then its code and tail
on top of the prefix's keys and values. The split is the same whether or not the prefix was at
hand, and examples are never padded or batched together, so that a reading does not depend on the
examples around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from judge.encode import Encoded, Tokenizer

if TYPE_CHECKING:
    import torch

    from judge.network import Memory
    from judge.tuned import Tuned, Updates

F32 = NDArray[np.float32]
LOGIT_ROWS = 128  # rows of logits at once: 128 x 152k x 4 bytes are 78 MB


@dataclass(frozen=True, slots=True)
class Reading:
    """What one forward pass says about one example.

    mean_states   (L, D) hidden states of the asked layers, mean over the code's tokens
    log_probs     (n,) natural-log probability of each of the code's n tokens, given all before it
    yes_minus_no  logit of "Yes" minus logit of "No" as the next token
    tuned_logit   what the trained upper layers say, 0 where there are none
    """

    mean_states: F32
    log_probs: F32
    yes_minus_no: float
    tuned_logit: float = 0.0


@dataclass(frozen=True, slots=True)
class Backbone:
    """A causal language model and its tokenizer, ready to read; `tuned` is what training added."""

    network: Any  # transformers' PreTrainedModel; its stubs are untyped
    tokenizer: Tokenizer
    yes: int
    no: int
    tuned: Tuned | None = None

    def read(self, examples: Sequence[Encoded], *, layers: Sequence[int]) -> list[Reading]:
        """One reading per example, in order.

        layers  numbers of transformer layers, 1 the first; their outputs before the final norm
        """
        return list(self.iter_read(examples, layers=layers))

    def iter_read(self, examples: Iterable[Encoded], *, layers: Sequence[int]) -> Iterator[Reading]:
        """As `read`, one at a time; neighbours with one prefix share its pass."""
        from transformers import DynamicCache

        held: tuple[int, ...] | None = None
        cache: Any = None
        past: Memory | None = None
        for example in examples:
            # The prefix's last token predicts the code's first: it is read again with the code.
            shared = example.prefix[:-1]
            if shared != held:
                cache = DynamicCache(config=self.network.config)
                states = self._states(shared, cache)
                past = self._remember(states)
                held = shared
            yield self._reading(example, cache, past, layers)
            cache.crop(len(shared) - cache.get_seq_length())

    def _remember(self, states: Any) -> Memory | None:
        import torch

        if self.tuned is None:
            return None
        with torch.inference_mode():
            return self.tuned.remember(states[self.tuned.updates.fork][0])

    def _reading(
        self, example: Encoded, cache: Any, past: Memory | None, layers: Sequence[int]
    ) -> Reading:
        import torch

        n = len(example.code)
        ids = example.prefix[-1:] + example.code + example.tail
        with torch.inference_mode():
            states = self._states(
                ids, cache
            )  # tuple of (1, T, D), embeddings first, final norm last
            final = states[-1][0]  # (T, D)
            log_probs = self._log_probs(final[:n], torch.tensor(example.code))  # (n, D) -> (n,)
            answer = self.network.lm_head(final[-1:]).float()[0]  # (V,)
            kept = torch.stack([states[layer][0] for layer in layers]).float()  # (L, T, D)
            return Reading(
                mean_states=_numpy(kept[:, 1 : n + 1].mean(1)),
                log_probs=_numpy(log_probs),
                yes_minus_no=float(answer[self.yes] - answer[self.no]),
                tuned_logit=self._tuned_logit(states, past, code=n),
            )

    def _tuned_logit(self, states: Any, past: Memory | None, *, code: int) -> float:
        if self.tuned is None or past is None:
            return 0.0
        return self.tuned.logit(states[self.tuned.updates.fork][0], past, code=code)

    def _log_probs(self, states: Any, targets: Any) -> Any:
        """(n, D) and (n,) -> (n,); over the vocabulary in slices, which bounds the memory."""
        import torch

        parts = []
        for some, ids in zip(states.split(LOGIT_ROWS), targets.split(LOGIT_ROWS), strict=True):
            logits = self.network.lm_head(some).float()  # (r, D) -> (r, V)
            parts.append(logits.gather(1, ids[:, None])[:, 0] - logits.logsumexp(1))
        return torch.cat(parts)

    def _states(self, ids: Sequence[int], cache: Any) -> Any:
        import torch

        with torch.inference_mode():
            return self.network.model(
                input_ids=torch.tensor([ids]),
                cache=cache,
                use_cache=True,
                output_hidden_states=True,
            ).hidden_states


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


def _numpy(tensor: torch.Tensor) -> F32:
    return tensor.numpy().astype(np.float32)
