from __future__ import annotations

import pytest

from judge.train.changes_match import PER_COMMIT, Proposed, matched, surface_aucs

DAY = 86_400


def proposed(
    name: str,
    lines: int,
    *,
    label: int = 1,
    commit: str = "c1",
    day: int = 0,
    language: str = "go",
    files: int = 3,
) -> Proposed:
    body = "x = compute(1)\n" * lines
    row: dict[str, object] = {
        "id": name,
        "task_id": f"team/tool@{commit}",
        "commit": commit,
        "path": "a.go",
        "function": name,
        "language": language,
        "label": label,
        "history": {"files": float(files), "added": 100.0},
        "code": body,
        "diff": "--- a/a.go\n+++ b/a.go\n@@ -0,0 +1 @@\n" + "+x = compute(1)\n" * lines,
    }
    return Proposed(row, 1_500_000_000 + day * DAY)


def pairs(rows: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(rows[at]["id"], rows[at + 1]["id"]) for at in range(0, len(rows), 2)]


def test_a_blamed_function_stands_beside_the_right_one_of_its_commit_that_is_nearest_in_size() -> (
    None
):
    wrong = [proposed("bad", 20, label=0)]
    right = [proposed("tiny", 3), proposed("near", 19), proposed("less near", 17)]
    rows = [*matched(wrong, right)]
    assert pairs(rows) == [("bad", "near")]
    assert {row["pair"] for row in rows} == {"bad"}
    assert [row["label"] for row in rows] == [0, 1]


def test_another_commit_of_the_same_half_year_helps_where_the_own_one_has_none() -> None:
    wrong = [proposed("bad", 20, label=0)]
    right = [
        proposed("tiny", 3),
        proposed("late", 20, commit="c9", day=400),
        proposed("soon", 19, commit="c2", day=30),
    ]
    rows = [*matched(wrong, right)]
    assert pairs(rows) == [("bad", "soon")]
    assert {row["task_id"] for row in rows} == {"team/tool@c1"}
    assert rows[1]["commit"] == "c2"


def test_another_commit_must_be_about_as_large() -> None:
    wrong = [proposed("bad", 20, label=0)]
    sweep = proposed("sweep", 20, commit="c2", files=40)
    assert [*matched(wrong, [sweep])] == []
    assert pairs([*matched(wrong, [sweep, proposed("like", 20, commit="c3", files=4)])]) == [
        ("bad", "like")
    ]


def test_the_own_commit_comes_before_a_nearer_size_elsewhere() -> None:
    wrong = [proposed("bad", 20, label=0)]
    right = [proposed("elsewhere", 20, commit="c2"), proposed("own", 18)]
    assert pairs([*matched(wrong, right)]) == [("bad", "own")]


def test_no_right_function_is_used_twice_and_none_of_another_language() -> None:
    wrong = [proposed("bad", 20, label=0), proposed("worse", 20, label=0)]
    right = [proposed("near", 20), proposed("other", 20, language="python")]
    assert len(pairs([*matched(wrong, right)])) == 1
    assert [*matched(wrong, [])] == []


def test_an_earlier_version_of_the_same_function_is_no_partner() -> None:
    right = proposed("bad", 20, commit="c2")
    assert [*matched([proposed("bad", 20, label=0)], [right])] == []


def test_a_great_commit_gives_a_few_pairs_only() -> None:
    wrong = [proposed(f"bad {n}", 20, label=0) for n in range(PER_COMMIT + 5)]
    right = [proposed(f"good {n}", 20) for n in range(PER_COMMIT + 5)]
    assert len(pairs([*matched(wrong, right)])) == PER_COMMIT


def test_what_size_alone_tells_is_measured() -> None:
    rows = []
    for n in range(20):
        rows.append(proposed(f"bad {n}", 20, label=0, commit=f"c{n}").row)
        rows.append(proposed(f"good {n}", 5 + n % 3, commit=f"c{n}").row)
    told = surface_aucs(rows)
    assert told["length"] == pytest.approx(1.0)
    assert told["added_lines"] == pytest.approx(1.0)
    assert surface_aucs([])["length"] is None
