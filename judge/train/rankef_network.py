"""Language models of any architecture with heads that rank code. Decides; no I/O.

A decoder (Qwen2, Llama, Gemma3 and what else transformers knows) or an encoder-decoder (T5, which
CodeT5 is) is the shared part. Where feedback is asked for, the same network also writes it: a
decoder after the code, an encoder-decoder with its decoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from judge.train.rankef import IGNORED, KINDS, Said, token_loss

DECODER_POOLS = ("mean", "last")
ENCODER_DECODER_POOLS = ("encoder", "decoder")
POOLS = (*DECODER_POOLS, *ENCODER_DECODER_POOLS)


@dataclass(frozen=True, slots=True)
class Batch:
    """B rows, padded on the right.

    ids     (B, T) the task and the code; mask (B, T) 1 where a token is
    code    (B, T) 1 where a token is of the code
    text    (B, S) the feedback's tokens, IGNORED where there is none
    labels  (B,) 1.0 for correct, 0.0 for wrong
    kinds   (B,) index into KINDS, or NO_KIND
    """

    ids: Tensor
    mask: Tensor
    code: Tensor
    text: Tensor
    labels: Tensor
    kinds: Tensor


class Body(Protocol):
    """The shared part: a state for each row, and the loss of its feedback's text where asked."""

    def __call__(self, batch: Batch, *, write: bool) -> tuple[Tensor, Tensor | None]:
        """(B, D) and the loss of `batch.text`."""
        ...


class Decoder(nn.Module):
    """A causal language model: the states of the code's tokens, and what it writes after them."""

    def __init__(self, network: Any, pool: str) -> None:
        super().__init__()
        self.network, self.pool = network, _known(pool, DECODER_POOLS)

    def forward(self, batch: Batch, *, write: bool) -> tuple[Tensor, Tensor | None]:
        """(B, D) and the loss of `batch.text`; one pass gives both, for no token sees a later."""
        size, ids, mask = batch.ids.shape[1], batch.ids, batch.mask
        if write:
            known = (batch.text != IGNORED).long()
            ids = torch.cat([ids, batch.text * known], dim=1)
            mask = torch.cat([mask, known], dim=1)
        positions = (mask.cumsum(1) - 1).clamp(min=0)
        states = self.network.get_decoder()(
            input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=False
        ).last_hidden_state  # (B, T + S, D)
        last = batch.mask.sum(1) - 1  # (B,)
        rows = torch.arange(len(ids))
        pooled = states[rows, last] if self.pool == "last" else _mean(states[:, :size], batch.code)
        if not write:
            return pooled.float(), None
        # the token before the feedback's first is the row's last, wherever its padding begins
        before = torch.cat([states[rows, last][:, None], states[:, size:-1]], dim=1)
        logits = self.network.get_output_embeddings()(before).float()  # (B, S, V)
        return pooled.float(), token_loss(logits, batch.text)


class EncoderDecoder(nn.Module):
    """A T5: its encoder's states, or what its decoder's first step makes of them."""

    def __init__(self, network: Any, pool: str) -> None:
        super().__init__()
        self.network, self.pool = network, _known(pool, ENCODER_DECODER_POOLS)

    def forward(self, batch: Batch, *, write: bool) -> tuple[Tensor, Tensor | None]:
        """(B, D) and the loss of `batch.text`; the encoder runs once for both."""
        encoded = self.network.get_encoder()(input_ids=batch.ids, attention_mask=batch.mask)
        states = encoded.last_hidden_state  # (B, T, D)
        pooled = (
            _mean(states, batch.code)
            if self.pool == "encoder"
            else self._decoded(states, batch.mask, self._started(batch.text[:, :0]))[:, 0]
        )
        if not write:
            return pooled.float(), None
        shifted = self._started(batch.text[:, :-1].clamp(min=0))  # (B, S)
        decoded = self._decoded(states, batch.mask, shifted)  # (B, S, D)
        if getattr(self.network.config, "scale_decoder_outputs", False):  # T5's tied embeddings
            decoded = decoded * self.network.config.d_model**-0.5
        logits = self.network.get_output_embeddings()(decoded).float()
        return pooled.float(), token_loss(logits, batch.text)

    def _started(self, ids: Tensor) -> Tensor:
        """(B, S) -> (B, 1 + S), with the token that a decoder begins with."""
        first = torch.full((len(ids), 1), self.network.config.decoder_start_token_id)
        return torch.cat([first, ids], dim=1)

    def _decoded(self, states: Tensor, mask: Tensor, ids: Tensor) -> Tensor:
        """(B, T, D) and (B, S) -> (B, S, D)"""
        told = self.network.get_decoder()(
            input_ids=ids,
            encoder_hidden_states=states,
            encoder_attention_mask=mask,
            use_cache=False,
        )
        decoded: Tensor = told.last_hidden_state
        return decoded


class Ranker(nn.Module):
    """A body with a head for each task. Heads start the same for the same seed."""

    def __init__(self, body: Decoder | EncoderDecoder, width: int, *, seed: int = 0) -> None:
        super().__init__()
        self.body = body
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.right, self.kind = nn.Linear(width, 1), nn.Linear(width, len(KINDS))

    def forward(self, batch: Batch, *, kinds: bool = False, write: bool = False) -> Said:
        """What the network says of `batch`, of its outcome's kind and text only where asked."""
        pooled, text_loss = self.body(batch, write=write)
        right = self.right(pooled)[:, 0]
        return Said(right, self.kind(pooled) if kinds else None, text_loss)


def ranker_of(network: Any, pool: str, *, seed: int = 0) -> Ranker:
    """The ranker on `network`, a model of transformers. Raises ValueError for another's pool."""
    config = network.config
    if config.is_encoder_decoder:
        return Ranker(EncoderDecoder(network, pool), config.d_model, seed=seed)
    width = config.get_text_config().hidden_size
    return Ranker(Decoder(network, pool), width, seed=seed)


def _known(pool: str, pools: tuple[str, ...]) -> str:
    if pool not in pools:
        raise ValueError(f"pool {pool!r}: this architecture has {', '.join(pools)}")
    return pool


def _mean(states: Tensor, of: Tensor) -> Tensor:
    """(B, T, D), (B, T) -> (B, D), over the tokens of `of`."""
    weights = of[:, :, None].to(states.dtype)
    mean: Tensor = (states * weights).sum(1) / weights.sum(1).clamp(min=1)
    return mean
