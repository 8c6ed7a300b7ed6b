from __future__ import annotations

import json
from pathlib import Path

from judge.train.forbidden_code import has_benchmark_signature, refusal_of_code, signatures
from judge.train.leakage import MIN_TOKENS, Piece, alike, leaks, shingles
from judge.train.leakage_check import check_files, set_of, write_clean

CODE = """def total(values, start):
    for value in values:
        start = start + value
    return start
"""
OTHER = """def spread(low, high):
    while low < high:
        low = low * 2 - high
    return [low, high]
"""
# The usual merge sort, which QuixBugs has too: known by its content, whatever its name.
BENCHMARK = """def renamed_here(arr):
    if len(arr) == 0:
        return arr
    else:
        middle = len(arr) // 2
        left = mergesort(arr[:middle])
        right = mergesort(arr[middle:])
        return merge(left, right)
"""


def write(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def row(number: int, code: str, **changed: object) -> dict[str, object]:
    return {"id": f"r{number}", "task_id": f"MBPP/{number}", "code": code, **changed}


def test_layout_and_comments_make_no_difference() -> None:
    moved = "# how much\n" + CODE.replace("    ", "\t").replace(" + ", "+")
    assert alike(shingles(CODE), shingles(moved)) == 1.0
    assert alike(shingles(CODE), shingles(OTHER)) < 0.2


def test_code_too_short_to_be_told_apart_is_left_alone() -> None:
    assert MIN_TOKENS > 5
    assert shingles("return a + b") == frozenset()


def test_near_duplicates_are_found_between_parts_and_not_within_one() -> None:
    pieces = [Piece(f"a{n}", "a", shingles(CODE)) for n in range(2)]
    longer = CODE + "\n\nx = 1\n"
    pieces += [Piece("b", "b", shingles(longer)), Piece("c", "c", shingles(OTHER))]
    assert {(one.one, one.other) for one in leaks(pieces)} == {("a0", "b")}
    assert leaks(pieces, near=1.0) == []


def test_a_benchmarks_solution_is_known_by_its_content() -> None:
    assert "QuixBugs" in refusal_of_code(BENCHMARK)
    assert refusal_of_code(CODE) == ""


def test_signatures_that_say_little_are_anybodys() -> None:
    assert list(signatures("def run(self):\n    pass\n")) == []
    assert list(signatures("def __init__(self, a_long_name, another):\n    pass\n")) == []
    assert len(list(signatures("@cached\ndef run_it(first, second):\n    pass\n"))) == 1
    assert not has_benchmark_signature(CODE)


def test_files_are_checked_for_all_of_it(tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", row(1, CODE), row(2, OTHER), row(2, BENCHMARK))
    held = write(tmp_path / "held.jsonl", row(1, "x"), row(3, CODE, source="humaneval"))
    found = check_files([train, held])
    assert found.rows == {str(train): 3, str(held): 2}
    assert [line.split(": ")[0] for line in found.forbidden] == [f"{train}:3", f"{held}:2"]
    assert found.shared == [f"mbpp/1: {held}, {train}"]
    assert [(one.one, one.other) for one in found.near] == [(f"{train}:1", f"{held}:2")]
    assert found.repeated == {str(train): 1}
    assert not found.is_clean


def test_clean_files_are_clean(tmp_path: Path) -> None:
    train = write(tmp_path / "train.jsonl", row(1, CODE))
    assert check_files([train, write(tmp_path / "held.jsonl", row(2, OTHER))]).is_clean


def test_files_of_one_split_are_one_set_whatever_their_folders(tmp_path: Path) -> None:
    (tmp_path / "go").mkdir()
    train = write(tmp_path / "train.jsonl", row(1, CODE))
    mutants = write(tmp_path / "mutants-train.jsonl", row(1, CODE))
    other = write(tmp_path / "go" / "train.jsonl.gz.jsonl", row(1, CODE))
    assert check_files([train, mutants, other]).is_clean
    validation = write(tmp_path / "validation.jsonl", row(1, OTHER))
    assert check_files([train, mutants, validation]).shared == [f"mbpp/1: {train}, {validation}"]


def test_a_name_that_says_two_splits_or_none_is_a_set_of_its_own() -> None:
    assert set_of(Path("train-and-test.jsonl")) == "train-and-test.jsonl"
    assert set_of(Path("latest.jsonl")) == "latest.jsonl"


def test_files_are_written_anew_without_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "go").mkdir()
    copies = [row(n, CODE) for n in (1, 2)]
    train = write(tmp_path / "train.jsonl", *copies, row(3, OTHER), row(4, "x"), row(4, "y"))
    test = write(tmp_path / "go" / "test.jsonl", row(5, "# the same\n" + CODE), row(6, BENCHMARK))
    found = check_files([train, test])
    kept = write_clean(found, tmp_path / "clean")
    again = [tmp_path / "clean" / "train.jsonl", tmp_path / "clean" / "go" / "test.jsonl"]
    assert kept == {again[0]: 2, again[1]: 1}
    assert check_files(again).is_clean
