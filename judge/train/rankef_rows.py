"""Decide what a ranker learns from rows: token ids, labels, kinds and texts of outcomes. No I/O."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from judge.encode import Encoded, Tokenizer, encode
from judge.train.data import DataRow
from judge.train.groups import Group
from judge.train.head import I64
from judge.train.rankef import IGNORED, kind_of, text_of
from judge.train.rankef_network import Batch
from judge.train.tasks import number_of
from judge.types import Example


@dataclass(frozen=True, slots=True)
class Item:
    """One row as a ranker reads it.

    ids   task and code, without the question
    code  [start, stop) of the code in `ids`
    text  tokens of the feedback, with the token that ends it; none where there is no outcome
    """

    ids: tuple[int, ...]
    code: tuple[int, int]
    label: int
    kind: int
    text: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Special:
    """A tokenizer's own tokens: what fills a batch, and what ends a text."""

    pad: int
    end: int


def items_of(
    rows: Sequence[DataRow], tokenizer: Tokenizer, special: Special, *, max_tokens: int
) -> list[Item]:
    """The rows that can be read within `max_tokens`, in order."""
    found = []
    for row in rows:
        read = item_of(Example(row.prompt, row.code, row.language), tokenizer, max_tokens)
        if read is not None:
            told = text_of(row.outcome)
            text = (*tokenizer.encode(told, add_special_tokens=False), special.end) if told else ()
            kind = kind_of(row.outcome)
            found.append(Item(read.ids, read.code, row.label, kind, tuple(text)))
    return found


def item_of(example: Example, tokenizer: Tokenizer, max_tokens: int) -> Item | None:
    """An example without label and outcome, or None where it cannot be read within `max_tokens`."""
    one = encode(example, tokenizer)
    if not isinstance(one, Encoded) or len(one.prefix) + len(one.code) > max_tokens:
        return None
    start = len(one.prefix)
    return Item(one.prefix + one.code, (start, start + len(one.code)), 0, kind_of(""), ())


def batch_of(items: Sequence[Item], special: Special) -> Batch:
    """`items` side by side, padded on the right."""
    ids = [torch.tensor(one.ids) for one in items]
    marks = [torch.zeros(len(one.ids), dtype=torch.long) for one in items]
    for mark, one in zip(marks, items, strict=True):
        mark[slice(*one.code)] = 1
    return Batch(
        ids=_padded(ids, special.pad),
        mask=_padded([torch.ones(len(one), dtype=torch.long) for one in ids], 0),
        code=_padded(marks, 0),
        text=_padded([torch.tensor(one.text, dtype=torch.long) for one in items], IGNORED),
        labels=torch.tensor([float(one.label) for one in items]),
        kinds=torch.tensor([one.kind for one in items]),
    )


def kinds_of(
    groups: Sequence[Group], rows: Sequence[DataRow], tokenizer: Tokenizer, *, seed: int = 0
) -> I64:
    """(N,) the kind of the outcome of each candidate of `groups`, which were made of `rows`.

    A group keeps tokens and no rows. A task's prompts can differ, and with them what is left of a
    row's code; so the code is sought as each of them leaves it, in the order in which
    `judge.train.groups` took them with `seed`, which finds it at once.
    """
    tasks: dict[tuple[str, str], list[DataRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: _digest(f"{seed} {row.id}")):
        tasks[number_of(row.task_id), row.language].append(row)
    found: list[int] = []
    for group in groups:
        wanted = {one.code for one in group.examples}
        known: dict[tuple[int, ...], int] = {}
        for code, kind in _codes(tasks[group.task, group.language], group, tokenizer):
            known[code] = kind
            if wanted <= known.keys():
                break
        found += [known.get(one.code, kind_of("")) for one in group.examples]
    return np.array(found, dtype=np.int64)


def _codes(
    rows: Sequence[DataRow], group: Group, tokenizer: Tokenizer
) -> Iterator[tuple[tuple[int, ...], int]]:
    prefix = group.examples[0].prefix
    for prompt in dict.fromkeys(row.prompt for row in rows):
        for row in rows:
            one = encode(Example(prompt, row.code, row.language), tokenizer)
            if isinstance(one, Encoded) and one.prefix == prefix:
                yield one.code, kind_of(row.outcome)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _padded(rows: Sequence[Tensor], value: int) -> Tensor:
    """(B, T), at least one column wide."""
    width = max(1, *(len(row) for row in rows))
    full = torch.full((len(rows), width), value, dtype=torch.long)
    for place, row in enumerate(rows):
        full[place, : len(row)] = row
    return full
