"""Some layers of a decoder-only transformer, run over packed candidates. Decides; no I/O.

transformers runs one sequence after the other, all layers of it. Here candidates are one sequence
in which each sees what it begins with and itself alone, any stretch of layers can be run on the
states that the layers below left, and low-rank updates (LoRA, arXiv 2106.09685) can be trained on
them or merged into them. Made for the Qwen2 and Llama families, from the modules that transformers
loaded; equal to them but for rounding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from judge.attention import Mask, attend, rotate
from judge.encode import Encoded

ROWS = 1024  # tokens that go through the wide matrices at once: their results are 20 MB
KINDS = ("qkv", "out", "gate_up", "down")  # the matrices of a layer, as they are fused here
Memory = list[tuple[Tensor, Tensor]]  # keys and values of each layer, (groups, T, d) each


@dataclass(frozen=True, slots=True)
class Span:
    """Where one candidate stands in a packed sequence: [start, stop), its last token the answer."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Packed:
    """A task and its candidates as one sequence of T tokens.

    ids        (T,) token ids
    positions  (T,) each token's place in its own example
    mask       (T, T) True where a row's token may look at a column's
    spans      one per candidate, in order
    """

    ids: Tensor
    positions: Tensor
    mask: Tensor
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Update:
    """A low-rank change of one matrix W (O, I): W + scale * up @ down.

    down  (R, I)
    up    (O, R)
    """

    down: Tensor
    up: Tensor
    scale: float


def pack(examples: Sequence[Encoded]) -> Packed:
    """`examples` of one prefix as one sequence: the prefix, then each one's code and tail."""
    prefix = examples[0].prefix
    ids, positions = list(prefix), list(range(len(prefix)))
    spans = []
    for example in examples:
        rest = example.code + example.tail
        spans.append(Span(len(ids), len(ids) + len(rest)))
        ids += rest
        positions += range(len(prefix), len(prefix) + len(rest))
    return Packed(
        torch.tensor(ids), torch.tensor(positions), mask_of(len(prefix), spans), tuple(spans)
    )


def mask_of(prefix: int, spans: Sequence[Span]) -> Tensor:
    """(T, T) causal, and no candidate sees another."""
    size = spans[-1].stop if spans else prefix
    owner = torch.zeros(size, dtype=torch.long)
    for number, span in enumerate(spans, start=1):
        owner[span.start : span.stop] = number
    causal = torch.ones(size, size, dtype=torch.bool).tril()
    return causal & ((owner[:, None] == owner[None, :]) | (owner == 0)[None, :])


class Matrix(nn.Module):
    """A frozen matrix (O, I) with an optional bias, and an optional trainable update of it."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("bias", bias, persistent=False)
        self.down: nn.Parameter | None = None
        self.up: nn.Parameter | None = None
        self.scale = 0.0

    def train_update(self, rank: int, *, generator: torch.Generator) -> None:
        """Begin an update that changes nothing yet."""
        weight: Tensor = self.get_buffer("weight")
        outer, inner = weight.shape
        start = torch.randn(rank, inner, generator=generator) / math.sqrt(inner)
        self.down, self.up = nn.Parameter(start), nn.Parameter(torch.zeros(outer, rank))
        self.scale = 2.0

    def go_on(self, update: Update) -> None:
        """Begin where `update` ended, which is of the rank that training began with."""
        if self.down is None or self.up is None or self.down.shape != update.down.shape:
            raise ValueError(f"an update of rank {len(update.down)} cannot be trained on here")
        with torch.no_grad():
            self.down.copy_(update.down)
            self.up.copy_(update.up)
        self.scale = update.scale

    def merge(self, update: Update) -> None:
        """Add `update` to the matrix for good."""
        weight: Tensor = self.get_buffer("weight")
        change = update.scale * (update.up.float() @ update.down.float())
        self.register_buffer("weight", (weight.float() + change).to(weight.dtype), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(T, I) -> (T, O)"""
        y = functional.linear(x, self.get_buffer("weight"), self._buffers["bias"])
        if self.down is None or self.up is None:
            return y
        low = functional.linear(x, self.down.to(x.dtype))
        return y + self.scale * functional.linear(low, self.up.to(x.dtype))


class Layer(nn.Module):
    """One decoder layer: attention with grouped keys, then a gated feed-forward network."""

    def __init__(self, source: Any, config: Any) -> None:
        super().__init__()
        attention, mlp = source.self_attn, source.mlp
        self.heads, self.groups = config.num_attention_heads, config.num_key_value_heads
        self.eps = float(config.rms_norm_eps)
        self.matrices = nn.ModuleDict(
            {
                "qkv": _fused(attention.q_proj, attention.k_proj, attention.v_proj),
                "out": _fused(attention.o_proj),
                "gate_up": _fused(mlp.gate_proj, mlp.up_proj),
                "down": _fused(mlp.down_proj),
            }
        )
        self.register_buffer("norm_in", source.input_layernorm.weight.detach(), persistent=False)
        self.register_buffer(
            "norm_mid", source.post_attention_layernorm.weight.detach(), persistent=False
        )

    def forward(
        self,
        x: Tensor,
        rope: tuple[Tensor, Tensor],
        mask: Mask,
        past: tuple[Tensor, Tensor] | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """(T, D) -> (T, D), and the keys and values (groups, S, d) that were looked at.

        rope  cosines and sines, (T, D / heads) each
        mask  (T, S) with the S - T tokens of `past` first, or sights, where there is no past
        """
        mixed, looked_at = self._attention(
            _rms_norm(x, self.get_buffer("norm_in"), self.eps), rope, mask, past
        )
        x = x + mixed
        return x + torch.cat([self._fed_forward(some) for some in torch.split(x, ROWS)]), looked_at

    def _fed_forward(self, x: Tensor) -> Tensor:
        y = self.matrices["gate_up"](_rms_norm(x, self.get_buffer("norm_mid"), self.eps))
        gate, up = y.chunk(2, dim=-1)
        down: Tensor = self.matrices["down"](functional.silu(gate) * up)
        return down

    def _attention(
        self,
        x: Tensor,
        rope: tuple[Tensor, Tensor],
        mask: Mask,
        past: tuple[Tensor, Tensor] | None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        size = rope[0].shape[-1]
        parts = self.matrices["qkv"](x).split(
            [self.heads * size, self.groups * size, self.groups * size], dim=-1
        )
        q, k, v = (part.view(len(x), -1, size).transpose(0, 1) for part in parts)  # (H, T, d)
        q, k = rotate(q, rope), rotate(k, rope)
        if past is not None:
            k, v = torch.cat([past[0], k], dim=1), torch.cat([past[1], v], dim=1)
        mixed = attend(q, k, v, mask)
        return self.matrices["out"](mixed.transpose(0, 1).reshape(len(x), -1)), (k, v)


class Layers(nn.Module):
    """The layers `first` to `last` of a network, 1 the first."""

    def __init__(self, network: Any, first: int, last: int) -> None:
        super().__init__()
        self.first = first
        self.rotary = network.model.rotary_emb
        self.layers = nn.ModuleList(
            Layer(network.model.layers[number - 1], network.config)
            for number in range(first, last + 1)
        )

    def forward(
        self,
        x: Tensor,
        positions: Tensor,
        mask: Mask,
        *,
        keep: Sequence[int],
        past: Memory | None = None,
    ) -> list[Tensor]:
        """States (T, D) after each layer of `keep`, from those below `first`, x (T, D).

        Layers above the last of `keep` are not run.

        past  what `remember` gave for the tokens before these; `mask` (T, S) has them first
        """
        kept = {}
        numbers = range(self.first, max(keep, default=0) + 1)  # first: no layer above is run
        for number, (states, _) in zip(numbers, self._run(x, positions, mask, past), strict=False):
            if number in keep:
                kept[number] = states
        return [kept[number] for number in keep]

    def remember(
        self, x: Tensor, positions: Tensor, mask: Tensor, *, keep: Sequence[int] = ()
    ) -> tuple[Memory, list[Tensor]]:
        """Keys and values of the tokens `x`, for those that will follow, and states to `keep`."""
        memory: Memory = []
        kept = {}
        for number, (states, looked_at) in enumerate(
            self._run(x, positions, mask, None), start=self.first
        ):
            memory.append(looked_at)
            kept[number] = states
        return memory, [kept[number] for number in keep]

    def _run(
        self, x: Tensor, positions: Tensor, mask: Mask, past: Memory | None
    ) -> Iterator[tuple[Tensor, tuple[Tensor, Tensor]]]:
        cos, sin = self.rotary(x[None], positions[None])
        for place, layer in enumerate(self.layers):
            x, looked_at = layer(x, (cos[0], sin[0]), mask, past[place] if past else None)
            yield x, looked_at

    def matrices(self) -> Iterator[tuple[str, Matrix]]:
        """Each matrix with its name, such as "13.qkv"."""
        for number, layer in enumerate(self.layers, start=self.first):
            assert isinstance(layer, Layer)
            for kind in KINDS:
                matrix = layer.matrices[kind]
                assert isinstance(matrix, Matrix)
                yield f"{number}.{kind}", matrix


def _fused(*sources: Any) -> Matrix:
    """The `sources` one above the other; they become views of it, so that memory is paid once."""
    with torch.inference_mode(mode=False):  # whoever asks first, training may use it later
        weight = _joined([one.weight.detach() for one in sources])
        biases = [one.bias.detach() for one in sources if one.bias is not None]
        sizes = [len(one.weight) for one in sources]
        for one, part in zip(sources, torch.split(weight, sizes), strict=True):
            one.weight.data = part
        return Matrix(weight, torch.cat(biases) if biases else None)


def _joined(parts: Sequence[Tensor]) -> Tensor:
    """The rows of `parts`, without a copy where they lie one after the other in memory already."""
    first, end = parts[0], parts[0].data_ptr()
    for part in parts:
        if not part.is_contiguous() or part.data_ptr() != end:
            return torch.cat(list(parts))
        end += part.nbytes
    if end > first.untyped_storage().data_ptr() + first.untyped_storage().nbytes():
        return torch.cat(list(parts))
    rows = sum(len(part) for part in parts)
    return first.as_strided((rows, *first.shape[1:]), first.stride())


def _rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    wide = x.float()
    wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + eps)
    return weight * wide.to(x.dtype)
