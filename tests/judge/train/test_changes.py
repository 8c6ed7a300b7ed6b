from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import pytest

from judge.past import FIELDS, past_of
from judge.train import changes_files
from judge.train.changes import diff_of, license_of
from judge.train.changes_files import Refused, join, mine_into, split_of
from judge.train.changes_mine import mine
from judge.train.history_functions import Unit
from judge.train.history_git import HistoryError
from judge.train.manifest import write_jsonl

DAY = 86_400
GOOD = "def good(a, b):\n    total = a + b\n    return total\n"
BAD = "def bad(values):\n    first = values[1]\n    return first\n"


class Clone:
    """A repository that grows by one commit at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.day = 0
        self.author = "Ada"
        path.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> None:
        identity = (
            "-c",
            f"user.name={self.author} Secret",
            "-c",
            f"user.email={self.author}@e.org",
        )
        when = f"{1_500_000_000 + self.day * DAY} +0000"
        subprocess.run(
            ["git", "-C", str(self.path), *identity, *arguments],
            check=True,
            env={"GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when, "PATH": "/usr/bin:/bin"},
        )

    def commit(self, subject: str, **files: str) -> None:
        for name, text in files.items():
            (self.path / f"{name}.py").write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", subject)
        self.day += 400


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "team+tool")
    (made.path / "LICENSE").write_text(
        "Permission is hereby granted, free of charge, to any person"
    )
    made.commit("Start", other="import os\n")
    made.commit("Add the two (#4)", code=GOOD + "\n\n" + BAD)
    fixed = BAD.replace("values[1]", "values[0]")
    made.commit("Fix first value", code=GOOD + "\n\n" + fixed, test_code="assert True\n")
    made.commit("Go on", other="import os\nimport re\n")
    made.commit("Go on again", other="import os\nimport re\nimport json\n")
    return made


def test_a_fix_gives_the_function_before_and_after_and_what_was_to_blame(clone: Clone) -> None:
    mined = mine(clone.path, name="team/tool")
    told = {(row["kind"], row["label"], row["function"]) for row in mined.rows}
    assert told == {
        ("fix", 0, "bad"),
        ("fix", 1, "bad"),
        ("introduced", 0, "bad"),
        ("introduced", 1, "good"),
    }
    assert (mined.commits, mined.fixes, mined.origin.license) == (5, 1, "MIT")


def test_a_blamed_change_is_told_as_a_review_sees_it_and_names_nobody(clone: Clone) -> None:
    rows = mine(clone.path, name="team/tool").rows
    wrong = next(row for row in rows if (row["kind"], row["label"]) == ("introduced", 0))
    assert wrong["code"] == BAD.rstrip("\n")
    assert "+    first = values[1]" in str(wrong["diff"])
    assert wrong["prompt"] == "Add the two"
    assert wrong["context"] == "def good(a, b):"
    assert wrong["history"]["files"] == 1.0  # type: ignore[index]
    assert "Ada" not in json.dumps(rows)
    assert "e.org" not in json.dumps(rows)


def test_people_are_counted_in_the_history_and_never_named(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "team+tool")
    clone.commit("Start", code=BAD.replace("first", "head"))
    clone.author = "Bob"
    clone.commit("Go on", code=BAD.replace("first", "top"))
    clone.author = "Ada"
    clone.commit("Speed up", code=GOOD + "\n\n" + BAD)
    clone.commit(
        "Fix first value", code=GOOD + "\n\n" + BAD.replace("[1]", "[0]"), test_a="x = 1\n"
    )
    clone.commit("Later", other="import os\n")
    clone.commit("Much later", other="import re\n")
    (wrong,) = [
        row for row in mine(clone.path).rows if (row["kind"], row["label"]) == ("introduced", 0)
    ]
    history = dict(past_of(wrong["history"]))
    assert (history["file_changes"], history["file_authors"]) == (2.0, 2.0)
    assert (history["function_changes"], history["function_authors"]) == (2.0, 2.0)
    assert history["file_days"] == 400.0
    assert history["evenness"] == 0.0
    assert set(wrong["history"]) == set(FIELDS)  # type: ignore[call-overload]
    assert "Bob" not in json.dumps(wrong)


def test_a_fix_is_told_by_the_function_alone(clone: Clone) -> None:
    rows = [row for row in mine(clone.path, name="team/tool").rows if row["kind"] == "fix"]
    assert all(row["diff"] == "" for row in rows)
    assert len({row["task_id"] for row in rows}) == 1
    assert len({row["prompt"] for row in rows}) == 1


@pytest.mark.parametrize("name", ["psf/black", "scrapy/scrapy", "anybody/urllib3"])
def test_a_project_that_is_out_of_bounds_is_refused_by_its_name(clone: Clone, name: str) -> None:
    with pytest.raises(Refused, match="out of bounds"):
        mine(clone.path, name=name)


def test_a_renamed_copy_is_refused_by_what_its_package_says(clone: Clone) -> None:
    (clone.path / "pyproject.toml").write_text('[project]\nname = "tornado"\n')
    clone.git("add", "-A")
    clone.git("commit", "-q", "-m", "Package")
    with pytest.raises(Refused, match="tornado"):
        mine(clone.path, name="team/tool")


def test_an_address_of_a_forbidden_project_is_refused_whatever_it_is_called(clone: Clone) -> None:
    clone.git("remote", "add", "origin", "https://example.org/tqdm/tqdm.git")
    with pytest.raises(Refused, match="tqdm"):
        mine(clone.path, name="team/tool")


def test_what_is_no_repository_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="folder of a clone"):
        mine(tmp_path)


def test_a_history_that_takes_too_long_is_cut_short(clone: Clone) -> None:
    ticks = iter([0.0, *([1.0] * 5), *([100.0] * 50)])
    mined = mine(clone.path, name="team/tool", limit_s=50.0, clock=lambda: next(ticks))
    assert not mined.is_whole
    assert mined.rows == []


def test_mined_repositories_are_joined_and_not_mined_again(clone: Clone, tmp_path: Path) -> None:
    folder = tmp_path / "mined"
    first = mine_into(clone.path, folder)
    assert first["repository"] == "team/tool"
    assert first["rows"] == {"fix 0": 1, "fix 1": 1, "introduced 0": 1, "introduced 1": 1}

    def never(*_: object, **__: object) -> None:
        raise AssertionError("mined again")

    assert mine_into(clone.path, folder, mine_one=never) == first  # type: ignore[arg-type]
    joined = join(folder)
    split = split_of("team/tool")
    assert joined.repositories[split] == ["team/tool"]
    rows = gzip.decompress((folder / f"{split}.jsonl.gz").read_bytes()).splitlines()
    assert len(rows) == 4
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["repositories"][0]["head"] == first["head"]
    told = manifest["auc"][f"{split} introduced"]
    assert set(told) == {"length", "added_lines", "ngrams"}
    assert joined.baselines[f"{split} introduced"] == told


def test_a_function_that_is_told_apart_takes_its_partner_out_with_it(
    clone: Clone, tmp_path: Path
) -> None:
    folder = tmp_path / "mined"
    mine_into(clone.path, folder)
    (file,) = (folder / "repositories").glob("*.jsonl.gz")
    rows = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    good = next(row for row in rows if (row["kind"], row["label"]) == ("introduced", 1))
    write_jsonl(file, [*rows, {**good, "label": 0, "id": "x", "pair": "elsewhere"}])
    joined = join(folder)
    split = split_of("team/tool")
    assert joined.rows == {f"{split} fix 0": 1, f"{split} fix 1": 1}


def test_about_four_repositories_in_five_train() -> None:
    train = sum(split_of(f"team/tool{n}") == "train" for n in range(500))
    assert 370 < train < 430
    assert changes_files.TRAIN_PERCENT == 80


def test_a_functions_diff_has_the_files_line_numbers() -> None:
    before = Unit("f", 10, 12, "def f():\n    x = 1\n    return x")
    after = Unit("f", 20, 22, "def f():\n    x = 2\n    return x")
    diff = diff_of("a.py", before, after)
    assert diff.startswith(
        "--- a/a.py\n+++ b/a.py\n@@ -10,3 +20,3 @@\n def f():\n-    x = 1\n+    x = 2\n"
    )
    assert "@@ -0,0 +20,3 @@" in diff_of("a.py", None, after)


@pytest.mark.parametrize(
    ("text", "license_id"),
    [
        ("GNU GENERAL PUBLIC LICENSE ... the GNU Affero General Public License", "GPL"),
        ("Mozilla Public License 2.0 ... the GNU Affero General Public License", "MPL-2.0"),
        ("Eclipse Public License ... GNU General Public License", "EPL"),
        ("GNU Lesser General Public License ... GNU General Public License", "LGPL"),
    ],
)
def test_a_licence_that_names_others_is_the_one_that_it_names_first(
    text: str, license_id: str
) -> None:
    assert license_of(text) == license_id


def test_licences_are_told_by_their_text() -> None:
    assert license_of("Apache License\n Version 2.0") == "Apache-2.0"
    assert license_of("GNU General   Public License") == "GPL"
    assert license_of("Ask my lawyer") == "unknown"
