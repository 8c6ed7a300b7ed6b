import numpy as np
import pytest

from judge.encode import Encoded
from judge.forest import ROOT, Forest, Piece, code_places, forests, windows


def example(prefix: str, code: str, tail: str = "") -> Encoded:
    return Encoded(*(tuple(map(ord, text)) for text in (prefix, code, tail)))


def planted(*examples: Encoded) -> Forest:
    [forest] = forests(map(Piece, examples), tokens=10_000)
    return forest


def text_along(forest: Forest, places: np.ndarray) -> str:
    return "".join(chr(forest.ids[place]) for place in places)


def test_every_common_beginning_is_there_once() -> None:
    forest = planted(example("ask ", "abc", "?"), example("ask ", "abd", "?"), example("ask", "x"))
    assert text_along(forest, np.arange(len(forest))) == "ask abc?d?x"


def test_a_path_spells_its_example_and_positions_count_along_it() -> None:
    several = [example("ask ", "abc", "?"), example("ask ", "abd", "?"), example("as", "k abc")]
    forest = planted(*several)
    for (piece, path), one in zip(forest.pieces, several, strict=True):
        assert text_along(forest, path) == "".join(map(chr, one.prefix + one.code + one.tail))
        assert [forest.positions[place] for place in path] == list(range(len(one)))
        assert [forest.parents[place] for place in path] == [ROOT, *path[:-1]]
        assert text_along(forest, code_places(piece, path)) == "".join(map(chr, one.code))


def test_branches_cover_every_token_once_and_end_at_their_own() -> None:
    forest = planted(
        example("p", "abc"), example("p", "abd"), example("p", "abc"), example("q", "a")
    )
    covered = [place for one in forest.branches for place in range(one.start, one.stop)]
    assert covered == list(range(len(forest)))
    for one in forest.branches:
        own = one.stop - one.start
        assert list(one.path[-own:]) == list(range(one.start, one.stop))


def test_forests_keep_to_the_budget_and_to_the_order() -> None:
    pieces = [Piece(example("p", letter * 4)) for letter in "abcd"] + [
        Piece(example("p", "e" * 30))
    ]
    found = list(forests(pieces, tokens=9))
    assert [len(one) for one in found] == [9, 9, 31]
    assert [piece for one in found for piece, _ in one.pieces] == pieces


def test_a_repeated_example_costs_nothing() -> None:
    forest = planted(example("p", "abc"))
    assert forest.cost(Piece(example("p", "abc"))) == 0
    assert forest.cost(Piece(example("p", "abx"))) == 1


def test_what_fits_is_one_window() -> None:
    one = example("task", "code", "end")
    assert windows(one, longest=11, overlap=4) == (Piece(one),)


@pytest.mark.parametrize("length", [9, 10, 13, 50])
def test_windows_overlap_and_count_every_token_of_the_code_once(length: int) -> None:
    one = Encoded((1, 2), tuple(range(100, 100 + length)), (3,))
    found = windows(one, longest=11, overlap=3)
    assert [piece.number for piece in found] == list(range(len(found)))
    assert all(len(piece.example) <= 11 for piece in found)
    assert all(piece.skip == (3 if piece.number else 0) for piece in found)
    read = [token for piece in found for token in piece.example.code[piece.skip :]]
    assert tuple(read) == one.code


def test_a_task_that_leaves_no_room_is_refused_with_the_numbers() -> None:
    with pytest.raises(ValueError, match="the task takes 12 tokens: of 12 that are read at once"):
        windows(example("a long task ", "code"), longest=12, overlap=2)
