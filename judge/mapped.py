"""Lay a model's weights over its file, so that the memory that they take is the file's. Acts.

What is mapped and not written to is no memory of the process's own: the system reads pages as they
are needed, shares them between processes, and takes them back when it runs short. Tensors that lie
side by side in the file lie side by side in memory: matrices can be joined without a copy.
"""

from __future__ import annotations

import ctypes
import json
import mmap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import torch

FILE = "model.safetensors"
TOGETHER = ("q_proj", "k_proj", "v_proj")  # multiplied as one, and no neighbours in the file
DTYPES = {"BF16": torch.bfloat16, "F16": torch.float16, "F32": torch.float32}


@dataclass(frozen=True, slots=True)
class MappedWeights:
    """A file of weights in memory; `places` has [start, stop) in bytes of each parameter in it."""

    memory: mmap.mmap | None = None
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def let_go(self, name: str) -> None:
        """Take no memory for a parameter until it is used again, where the system can do that.

        Its pages are read anew from the file, or from what the system still holds of it. Nothing
        happens for a parameter that does not lie in the file.
        """
        if self.memory is None or name not in self.places or not hasattr(mmap, "MADV_DONTNEED"):
            return
        start, stop = self.places[name]
        first, end = -(-start // mmap.PAGESIZE), stop // mmap.PAGESIZE  # its own pages alone
        if first < end:
            self.memory.madvise(
                mmap.MADV_DONTNEED, first * mmap.PAGESIZE, (end - first) * mmap.PAGESIZE
            )


def lay_over(network: Any, folder: Path) -> MappedWeights:
    """Point every parameter of `network` that `folder`'s one file of weights holds into that file.

    Those that are multiplied together and do not lie together there are read into memory of their
    own.

    Leaves the others, and all of them where the weights are in several files or another precision
    than the parameters. Format: github.com/huggingface/safetensors, "Format". Raises OSError.
    """
    path = folder / FILE
    if not path.is_file():
        return MappedWeights()
    parameters = dict(network.named_parameters(remove_duplicate=False))
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header: dict[str, Any] = json.loads(file.read(size))
        starts = {
            name: 8 + size + told["data_offsets"][0]
            for name, told in header.items()
            if name in parameters and _is_same(parameters[name], told, 8 + size)
        }
        memory = _map(parameters, starts, file)
        for name in starts:
            if name.endswith(f"{TOGETHER[0]}.weight"):
                asked = [name.replace(TOGETHER[0], one) for one in TOGETHER]
                if all(one in starts for one in asked):
                    _read_together([parameters[one] for one in asked], asked, starts, file)
    places = {name: (at, at + parameters[name].nbytes) for name, at in starts.items()}
    return MappedWeights(memory, places)


def _is_same(held: torch.Tensor, told: Mapping[str, Any], begin: int) -> bool:
    """Whether what the file holds can stand for a parameter as it is."""
    return (
        DTYPES.get(told["dtype"]) == held.dtype
        and list(held.shape) == told["shape"]
        and held.is_contiguous()
        and (begin + told["data_offsets"][0]) % held.element_size() == 0
    )


def _map(
    parameters: Mapping[str, torch.Tensor], starts: Mapping[str, int], file: BinaryIO
) -> mmap.mmap:
    memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    whole = torch.frombuffer(memory, dtype=torch.uint8).untyped_storage()
    for name, start in starts.items():
        held = parameters[name]
        held.data = torch.empty(0, dtype=held.dtype).set_(
            whole, start // held.element_size(), held.shape, held.stride()
        )
    return memory


def _read_together(
    parts: Sequence[torch.Tensor], names: Sequence[str], starts: Mapping[str, int], file: BinaryIO
) -> None:
    """Read `parts` into one memory, one after the other: mapped, they would be paid for twice."""
    sizes = [len(one) for one in parts]
    joined = torch.empty((sum(sizes), *parts[0].shape[1:]), dtype=parts[0].dtype)
    memory = joined.view(torch.uint8).numpy().data.cast("B")
    done = 0
    for part, name, rows in zip(parts, names, torch.split(joined, sizes), strict=True):
        file.seek(starts[name])
        memory[done : done + part.nbytes] = file.read(part.nbytes)
        done += part.nbytes
        part.data = rows


def give_back() -> None:
    """Return to the system what was freed, where the C library is one that can: malloc_trim(3)."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
