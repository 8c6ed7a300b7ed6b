"""Read a tokenizer from its one file. Acts.

transformers keeps a second copy of the vocabulary, and much besides, in Python objects: 85 MB that
a judge has no use for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

FILE = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class FileTokenizer:
    """The tokens that transformers would give for the same file."""

    inner: Tokenizer

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        """Token ids of `text`."""
        return list(self.inner.encode(text, add_special_tokens=add_special_tokens).ids)


def open_tokenizer(folder: Path) -> FileTokenizer:
    """The tokenizer in `folder`. Raises OSError where there is none."""
    path = folder / FILE
    if not path.is_file():
        raise OSError(f"there is no {FILE} in {folder}: save the tokenizer as transformers does")
    return FileTokenizer(Tokenizer.from_file(str(path)))
