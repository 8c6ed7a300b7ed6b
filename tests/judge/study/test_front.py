from __future__ import annotations

from pathlib import Path

import pytest

from judge.evaluate.intervals import Figure
from judge.study.answers import Answer
from judge.study.figures import OVERALL, Cost, Result, differences
from judge.study.front import pairs, places
from judge.study.page import BEGIN, END, placed
from judge.study.picture import draw_front
from judge.study.pool import pool_of
from judge.study.report import Measured, report

POOL = pool_of(
    [
        {"task_id": f"t/{n // 4}", "language": "python", "label": int(n % 4 == 0), "code": f"a{n}"}
        for n in range(40)
    ]
)


def result(auc: float, cpu_seconds: float | None) -> Result:
    figure = Figure(auc, auc - 0.1, auc + 0.1, 100, "rows")
    return Result(True, 0, dict.fromkeys(OVERALL, figure), {}, Cost(1.0, cpu_seconds, None, None))


RESULTS = {
    "cheap": result(0.6, 1.0),
    "dear and worse": result(0.5, 9.0),
    "best": result(0.8, 5.0),
    "as good and slower": result(0.8, 6.0),
    "elsewhere": result(0.9, None),
    "oracle": result(1.0, 0.1),
}


def answers(**of: float) -> dict[str, Answer]:
    rows = [one for task in POOL for one in task]
    return {one.id: Answer(one.id, of["right" if one.label else "wrong"]) for one in rows}


def test_a_system_is_on_the_front_where_none_is_as_good_in_less_time() -> None:
    found = places(RESULTS, "auc")
    assert [one.name for one in found if one.on_front] == ["cheap", "best"]
    assert [one.name for one in found] == ["cheap", "best", "as good and slower", "dear and worse"]


def test_two_equal_systems_are_both_on_the_front() -> None:
    found = places({"a": result(0.7, 2.0), "b": result(0.7, 2.0)}, "auc")
    assert [one.on_front for one in found] == [True, True]


def test_what_feedback_brings_is_told_where_both_systems_were_measured() -> None:
    assert pairs({"x-plain": 0, "x-rankef": 0, "y-rankef": 0}) == [("x-rankef", "x-plain")]
    good, bad = answers(right=1, wrong=0), answers(right=0, wrong=1)
    gain = differences(POOL, good, bad, resamples=20)
    assert (gain["auc"].value, gain["auc"].low, gain["top1"].value) == (1, 1, 1)
    nothing = differences(POOL, good, good, resamples=20)["auc"]
    assert (nothing.value, nothing.low, nothing.high) == (0, 0, 0)
    assert set(gain) == {"auc", "mrr", "top1"}


def test_the_page_tells_the_front_the_gain_and_what_was_not_measured() -> None:
    gain = {("x-rankef", "x-plain"): {"auc": Figure(0.02, -0.01, 0.05, 40, "rows")}}
    one = Measured(
        "T", "f", "0" * 64, 10, 40, 10, (), RESULTS, {"gemma": "it is not here"}, gain
    )  # fmt: skip
    page = report([one], [], commit="c", machine="m", limit=None)
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert "| gemma | not measured here | – | – | – | – | – |" in rows
    assert "| gemma | not measured here | it is not here |" in rows
    assert any(row.startswith("| best | 5.00 |") and row.count("| yes |") == 2 for row in rows)
    assert not any(row.startswith("| oracle | 0.10 |") and "yes" in row for row in rows)
    assert "| x-rankef | x-plain | 0.020 (-0.010 to 0.050), 40 rows |" in rows


@pytest.mark.parametrize("results", [RESULTS, {"elsewhere": RESULTS["elsewhere"]}])
def test_the_front_is_drawn_even_where_no_time_is_known(
    tmp_path: Path, results: dict[str, Result]
) -> None:
    draw_front(results, "T $x", tmp_path / "front.png")
    assert (tmp_path / "front.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_takes_its_place_in_a_page_that_explains_it() -> None:
    frame = f"# Own\n\nWords.\n\n{BEGIN}\nold\n{END}\n\n## After\n"
    once = placed("# Measured\n\nText.\n\n## Data\n", frame)
    assert once.startswith("# Own\n\nWords.\n")
    assert "old" not in once
    assert "\n## Measured\n" in once
    assert "\n### Data\n" in once
    assert once.endswith("\n\n## After\n")
    assert placed("# Measured\n\nText.\n\n## Data\n", once) == once
    assert placed("# Measured\n", "# Other\n") == "# Measured\n"
