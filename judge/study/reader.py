"""Open a decoder of any architecture as what a judge reads with. Acts: loads weights.

Qwen2 and Llama run through Gavel's own layers, as the shipped judge does, and read a task once for
all its candidates. Of other architectures each candidate is read alone, by transformers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from judge.encode import Encoded
from judge.model import Backbone, Reading, open_backbone
from judge.train.study_turns import turned

OWN_LAYERS = ("qwen2", "llama")  # what `judge.network` is made for
LOGIT_ROWS = 128  # rows of logits at once: 128 x 262k x 4 bytes are 134 MB


class AnyDecoder(Backbone):
    """A backbone that transformers runs."""

    def iter_read(
        self,
        examples: Iterable[Encoded],
        *,
        layers: Sequence[int],
        ask: bool = False,
        log_probs: bool = True,
    ) -> Iterator[Reading]:
        """As `Backbone.iter_read`; log-probabilities are always there."""
        import torch

        for example in examples:
            with torch.inference_mode():
                reading = self._alone(example if ask else example.bare(), layers, ask=ask)
            yield reading

    def _alone(self, example: Encoded, layers: Sequence[int], *, ask: bool) -> Reading:
        import torch

        from judge.pooling import pooled

        decoder = self.network.get_decoder()
        begin, n = len(example.prefix), len(example.code)
        kept: dict[int, Any] = {}
        hooks = [_keep(decoder.layers[number - 1], number, kept) for number in layers]
        try:
            ids = torch.tensor([example.prefix + example.code + example.tail])
            states = decoder(input_ids=ids, use_cache=False).last_hidden_state[0]  # (T, D)
        finally:
            for hook in hooks:
                hook.remove()
        pools = torch.stack([pooled(kept[number][begin : begin + n]) for number in layers])
        answer = self._words(states[-1:])[0] if ask else None  # (V,)
        return Reading(
            states=pools.numpy().astype(np.float32),
            log_probs=self._log_probs_of_code(
                states[begin - 1 : begin + n - 1], torch.tensor(example.code)
            )
            .numpy()
            .astype(np.float32),
            yes_minus_no=0.0 if answer is None else float(answer[self.yes] - answer[self.no]),
        )

    def _log_probs_of_code(self, states: Any, targets: Any) -> Any:
        """(n, D) and (n,) -> (n,)"""
        import torch

        parts = []
        for some, ids in zip(states.split(LOGIT_ROWS), targets.split(LOGIT_ROWS), strict=True):
            logits = self._words(some)
            parts.append(logits.gather(1, ids[:, None])[:, 0] - logits.logsumexp(1))
        return torch.cat(parts)

    def _words(self, states: Any) -> Any:
        """(r, D) -> (r, V)"""
        return self.network.get_output_embeddings()(states).float()


def open_decoder(folder: Path) -> Backbone:
    """The model in `folder`, which transformers saved, with the turns that it knows.

    Raises OSError where the folder holds no model, ValueError where it is no decoder.
    """
    from transformers import AutoConfig, AutoTokenizer

    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    if config.model_type in OWN_LAYERS:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        return replace(open_backbone(folder), tokenizer=turned(_vocabulary(tokenizer)))
    return _other(folder)


def weights_of(folder: Path) -> str:
    """What tells the weights in `folder` from others: names, sizes and dates of its files."""
    files = sorted(path for path in folder.resolve().iterdir() if path.is_file())
    seen = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr(seen).encode("utf-8", "surrogatepass")).hexdigest()


def layers_of(config: Any) -> tuple[int, ...]:
    """Two layers to look at, two and two and a half thirds up: 16 and 20 of the default's 24."""
    count = config.get_text_config().num_hidden_layers
    return tuple(sorted({max(1, round(count * 2 / 3)), max(1, round(count * 5 / 6))}))


def _other(folder: Path) -> Backbone:
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    network: Any = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype="auto")
    network.eval()
    yes, no = (tokenizer.encode(word, add_special_tokens=False)[0] for word in ("Yes", "No"))
    return AnyDecoder(network, turned(tokenizer), yes, no)


def _vocabulary(tokenizer: Any) -> Any:
    return tokenizer


def _keep(layer: Any, number: int, kept: dict[int, Any]) -> Any:
    def hook(_: object, __: object, told: Any) -> None:
        kept[number] = (told[0] if isinstance(told, tuple) else told)[0]  # (T, D)

    return layer.register_forward_hook(hook)
