"""Tiny models of each architecture, as folders that transformers can open, and rows to learn."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

SIZES = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
OWN = {  # special tokens beside <pad>, <bos> and <eos>
    "qwen2": ["<|im_start|>", "<|im_end|>"],
    "llama": ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|begin_of_text|>"],
    "gemma3": ["<start_of_turn>", "<end_of_turn>"],
    "t5": [],
}
Saved = Callable[[str], Path]


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """Architecture -> the folder of a tiny model of it."""
    known: dict[str, Path] = {}

    def folder(architecture: str) -> Path:
        if architecture not in known:
            known[architecture] = tmp_path_factory.mktemp(architecture)
            _save(architecture, known[architecture])
        return known[architecture]

    return folder


def _save(architecture: str, folder: Path) -> None:
    import torch
    import transformers as hf
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    special = ["<pad>", "<bos>", "<eos>", *OWN[architecture]]
    words = [*special, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    inner = Tokenizer(models.BPE({word: place for place, word in enumerate(words)}, []))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens(special)
    tokenizer = hf.PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        additional_special_tokens=OWN[architecture],
    )
    torch.manual_seed(0)
    sizes = {**SIZES, "vocab_size": len(words)}
    network = {
        "qwen2": lambda: hf.Qwen2ForCausalLM(hf.Qwen2Config(**sizes)),
        "llama": lambda: hf.LlamaForCausalLM(hf.LlamaConfig(**sizes)),
        "gemma3": lambda: hf.Gemma3ForCausalLM(hf.Gemma3TextConfig(**sizes, head_dim=8)),
        "t5": lambda: hf.T5ForConditionalGeneration(
            hf.T5Config(
                vocab_size=len(words), d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2,
                decoder_start_token_id=0, pad_token_id=0, eos_token_id=2,
            )
        ),
    }[architecture]()  # fmt: skip
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def row(number: int, *, task: str) -> dict[str, object]:
    """Right code has an `r` where wrong code has a `w`."""
    right = number % 2
    return {
        "id": f"{task}-{number}",
        "task_id": task,
        "source": "s",
        "language": "python",
        "prompt": "Do it.",
        "code": ("r" if right else "w") * (6 + number),
        "label": right,
        "generator": "g",
        "label_from": "tests",
        "license": "MIT",
        "outcome": "passed" if right else "exception:KeyError",
    }


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of rows to train on, of four tasks."""
    file = tmp_path_factory.mktemp("rows") / "train.jsonl"
    told = [row(number, task=f"t/{task}") for task in range(4) for number in range(4)]
    file.write_text("".join(json.dumps(one) + "\n" for one in told))
    return file
