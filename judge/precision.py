"""Decide in which precision a processor runs a model. No I/O.

bfloat16 halves memory and doubles the rate where the processor multiplies it; where it does not,
torch computes it element by element, many times slower than float32.
"""

from __future__ import annotations

from collections.abc import Mapping

# Names of torch.cpu.get_capabilities(). With AVX-512 but without its own instructions for bfloat16,
# oneDNN widens to float32 in registers, at float32's rate and bfloat16's memory:
# github.com/uxlfoundation/oneDNN, "CPU dispatcher control" and "Data types".
MULTIPLIES_BF16 = ("amx_bf16", "avx512_bf16", "avx512_bw", "bf16")


def multiplies_bf16(capabilities: Mapping[str, object]) -> bool:
    """Whether matrix products in bfloat16 are worth it on a processor that can do this."""
    return any(capabilities.get(name) is True for name in MULTIPLIES_BF16)
