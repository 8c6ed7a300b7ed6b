"""Turn downloaded weights into the folder that a worker loads in seconds. Acts on files."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any


def prepare(gguf_dir: Path, gguf_file: str, out: Path) -> None:
    """Dequantise `gguf_dir/gguf_file` once into `out`: bfloat16 safetensors and tokenizer.

    `out` appears whole or not at all; one that is already there stays untouched. Takes 10 to 60 s
    and about 2.5 times the model's bfloat16 size in memory. Raises OSError when files cannot be
    read or written, and ValueError when the file is no GGUF model that transformers knows.
    """
    if out.is_dir():
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        _dequantise(gguf_dir, gguf_file, scratch)
        try:
            scratch.replace(out)
        except OSError:
            if not out.is_dir():  # not merely another process that was faster
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _dequantise(gguf_dir: Path, gguf_file: str, out: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # its advice is for float32
    network: Any = AutoModelForCausalLM.from_pretrained(
        gguf_dir, gguf_file=gguf_file, dtype=torch.bfloat16, local_files_only=True
    )
    tokenizer = AutoTokenizer.from_pretrained(gguf_dir, gguf_file=gguf_file, local_files_only=True)
    # The weights are no longer quantised, but saving would write that they are.
    network.hf_quantizer = None
    if hasattr(network.config, "quantization_config"):
        del network.config.quantization_config
    network.save_pretrained(out)
    tokenizer.save_pretrained(out)
