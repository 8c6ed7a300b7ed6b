"""Many sequences as one, every common beginning once: what a pass of the model reads. Decides.

Candidates of one task begin alike, and so do all chats, and a function and the same function
without its last lines. Laid into a prefix tree, each token is computed once for all sequences that
share what stands before it, and no sequence sees another's own tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from judge.encode import Encoded

I64 = NDArray[np.int64]
ROOT = -1  # the parent of a sequence's first token


@dataclass(frozen=True, slots=True)
class Branch:
    """The tokens [start, stop) of a forest; each sees those of `path` up to itself.

    path  (S,) places of all tokens from the root to the branch's last, which is path[-1]
    """

    start: int
    stop: int
    path: I64


@dataclass(frozen=True, slots=True)
class Piece:
    """An example, or a window of one, to be read at once.

    number  0 for an example or its first window
    skip    the first tokens of its code, which the window before has read already
    """

    example: Encoded
    number: int = 0
    skip: int = 0


@dataclass(slots=True)
class Forest:
    """Pieces of examples in one prefix tree of T tokens, parents before children.

    ids        (T,) token ids
    positions  (T,) each token's place in its own sequences
    parents    (T,) the place of the token before, ROOT for a first one
    branches   what attends to what, in order; together they are all T tokens
    pieces     what was added, each with the path (S,) of its tokens
    """

    ids: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    pieces: list[tuple[Piece, I64]] = field(default_factory=list)
    _children: dict[tuple[int, int], int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def cost(self, piece: Piece) -> int:
        """Tokens that `piece` would add."""
        tokens = _tokens(piece.example)
        return len(tokens) - len(self._known(tokens))

    def add(self, piece: Piece) -> None:
        """Lay `piece` into the tree."""
        tokens = _tokens(piece.example)
        path = self._known(tokens)
        start = len(self)
        for position in range(len(path), len(tokens)):
            parent = path[-1] if path else ROOT
            self._children[parent, tokens[position]] = len(self)
            path.append(len(self))
            self.ids.append(tokens[position])
            self.positions.append(position)
            self.parents.append(parent)
        places = np.array(path, dtype=np.int64)
        if len(self) > start:
            self.branches.append(Branch(start, len(self), places))
        self.pieces.append((piece, places))

    def _known(self, tokens: Sequence[int]) -> list[int]:
        """Places of the longest beginning of `tokens` that is in the tree."""
        path: list[int] = []
        at = ROOT
        for token in tokens:
            if (found := self._children.get((at, token))) is None:
                break
            path.append(at := found)
        return path


def code_places(piece: Piece, path: I64) -> I64:
    """(n,) places of the code's tokens of `piece` that it is to be read for."""
    first = len(piece.example.prefix)
    return path[first + piece.skip : first + len(piece.example.code)]


def forests(pieces: Iterable[Piece], *, tokens: int) -> Iterator[Forest]:
    """`pieces` in order, in forests of at most `tokens` tokens, or of one longer piece."""
    forest = Forest()
    for piece in pieces:
        if len(forest) and len(forest) + forest.cost(piece) > tokens:
            yield forest
            forest = Forest()
        forest.add(piece)
    if len(forest):
        yield forest


def windows(example: Encoded, *, longest: int, overlap: int) -> tuple[Piece, ...]:
    """`example` as it is, or cut into windows of at most `longest` tokens.

    Each window has the whole prefix, a part of the code and the tail. All but the first begin with
    up to `overlap` tokens of the window before, as context, so that every token of the code counts
    once. Raises ValueError where prefix and tail leave no room for code.
    """
    if len(example) <= longest:
        return (Piece(example),)
    room = longest - len(example.prefix) - len(example.tail)
    if room < 1:
        raise ValueError(
            f"the task takes {len(example) - len(example.code):,} tokens: of {longest:,} that are "
            "read at once, none are left for the code"
        )
    overlap = min(overlap, room // 2)
    found = [Piece(Encoded(example.prefix, example.code[:room], example.tail))]
    done = room
    while done < len(example.code):
        part = example.code[done - overlap : done - overlap + room]
        window = Encoded(example.prefix, part, example.tail)
        found.append(Piece(window, number=len(found), skip=overlap))
        done += len(part) - overlap
    return tuple(found)


def _tokens(example: Encoded) -> tuple[int, ...]:
    return example.prefix + example.code + example.tail
