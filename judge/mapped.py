"""Lay a model's weights over its file, so that the memory that they take is the file's. Acts.

What is mapped and not written to is no memory of the process's own: the system reads pages as they
are needed, shares them between processes, and takes them back when it runs short. Tensors that lie
side by side in the file lie side by side in memory: matrices can be joined without a copy.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

FILE = "model.safetensors"
DTYPES = {"BF16": torch.bfloat16, "F16": torch.float16, "F32": torch.float32}


def lay_over(network: Any, folder: Path) -> None:
    """Point every parameter of `network` that `folder`'s one file of weights holds into that file.

    Leaves the others, and all of them where the weights are in several files or another precision
    than the parameters. Format: github.com/huggingface/safetensors, "Format". Raises OSError.
    """
    path = folder / FILE
    if not path.is_file():
        return
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header: dict[str, Any] = json.loads(file.read(size))
    whole: Any = torch.UntypedStorage.from_file(str(path), shared=False, nbytes=path.stat().st_size)
    parameters = dict(network.named_parameters(remove_duplicate=False))
    for name, told in header.items():
        held = parameters.get(name)
        if held is None or DTYPES.get(told["dtype"]) != held.dtype:
            continue
        first = 8 + size + told["data_offsets"][0]
        is_whole = list(held.shape) == told["shape"] and held.is_contiguous()
        if not is_whole or first % held.element_size():
            continue
        mapped = torch.empty(0, dtype=held.dtype).set_(
            whole, first // held.element_size(), held.shape, held.stride()
        )
        held.data = mapped
