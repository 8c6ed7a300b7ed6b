"""Decide how the judge's question is put in the turns that a model was taught. No I/O.

`judge.encode` writes ChatML, which Qwen and SmolLM know. For other models its markers are replaced
by theirs, piece by piece, so that training and scoring still share one `encode`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

_SYSTEM = "<|im_start|>system\n"
_USER = "<|im_end|>\n<|im_start|>user\n"
_ANSWER = "<|im_end|>\n<|im_start|>assistant\n"
Turns = Mapping[str, str]  # ChatML's marker -> the model's own

CHATML: Turns = {}
LLAMA3: Turns = {
    _SYSTEM: "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n",
    _USER: "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
    _ANSWER: "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
}
GEMMA: Turns = {  # it has no system's turn: the user says it
    _SYSTEM: "<bos><start_of_turn>user\n",
    _USER: "\n\n",
    _ANSWER: "<end_of_turn>\n<start_of_turn>model\n",
}
NO_TURNS: Turns = {_SYSTEM: "", _USER: "\n\n", _ANSWER: "\nAnswer:"}
_KNOWN_BY = {  # a token of the vocabulary that tells whose turns a model knows
    "<|im_start|>": CHATML,
    "<|start_header_id|>": LLAMA3,
    "<start_of_turn>": GEMMA,
}


class Vocabulary(Protocol):
    """What is needed of a tokenizer of transformers."""

    @property
    def all_special_tokens(self) -> Sequence[str]:
        """Texts that stand for one token, wherever they are."""
        ...

    def encode(self, text: str, *, add_special_tokens: bool = ...) -> list[int]:
        """Token ids of `text`."""
        ...

    def get_vocab(self) -> dict[str, int]:
        """Each token's id."""
        ...


@dataclass(frozen=True)
class Turned:
    """A tokenizer that reads what `judge.encode` writes in a model's own turns.

    Text of the task and of the code stays text: the model's special tokens are broken in it.
    """

    inner: Vocabulary
    turns: Turns
    reserved: re.Pattern[str] | None

    def encode(self, text: str, *, add_special_tokens: bool = False) -> list[int]:
        """Token ids of one of the pieces that `judge.encode` writes."""
        if "<|im_start|>" in text:  # no task and no code has it: `judge.encode` breaks it there
            for marker, own in self.turns.items():
                text = text.replace(marker, own)
        elif self.reserved is not None:
            text = self.reserved.sub(lambda found: " ".join(found.group()), text)
        return self.inner.encode(text, add_special_tokens=add_special_tokens)


def turned(inner: Vocabulary) -> Turned:
    """`inner` with the turns that its vocabulary knows, or none."""
    words = inner.get_vocab()
    turns = next((own for token, own in _KNOWN_BY.items() if token in words), NO_TURNS)
    known = [token for own in turns.values() for token in re.findall(r"<[^<>\s]+>", own)]
    special = sorted({*inner.all_special_tokens, *known}, key=len, reverse=True)
    reserved = re.compile("|".join(map(re.escape, special))) if special else None
    return Turned(inner, turns, reserved)
