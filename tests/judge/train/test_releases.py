from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from judge.train.releases import MAX_CHANGED, changed_functions, patch_pairs
from judge.train.releases_fetch import ReleaseError, compare_releases

BEFORE = "def first(values):\n    one = values[1]\n    return one\n"
AFTER = BEFORE.replace("values[1]", "values[0]")


class Index:
    """A pip of our own, which builds the wheels that it is asked for."""

    def __init__(self, **releases: str) -> None:
        self.releases = {name.strip("v").replace("_", "."): text for name, text in releases.items()}

    def __call__(self, verb: str, *arguments: str) -> str:
        if verb == "index":
            return f"tool (9)\nAvailable versions: {', '.join(self.releases)}\n"
        version = arguments[-1].partition("==")[2]
        folder = Path(arguments[arguments.index("--dest") + 1])
        with zipfile.ZipFile(folder / f"tool-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr("tool/core.py", self.releases[version])
            wheel.writestr("tool/vendor/core.py", self.releases[version])
            wheel.writestr(f"tool-{version}.dist-info/METADATA", "Name: tool\nLicense: MIT\n")
        return ""


def test_only_releases_that_follow_in_the_third_number_are_compared() -> None:
    versions = ["2.0.0", "1.1.0", "1.0.3", "1.0.1", "1.0.0", "1.1.1rc1", "not a version"]
    assert patch_pairs(versions) == [("1.0.0", "1.0.1")]


def test_functions_that_a_patch_release_changed_become_rows(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    index = Index(v1_0_0=BEFORE, v1_0_1=AFTER, v1_1_0=BEFORE)
    found = compare_releases("tool", out, run=index)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(row["label"], row["code"]) for row in rows] == [
        (0, BEFORE.rstrip("\n")),
        (1, AFTER.rstrip("\n")),
    ]
    assert {row["license"] for row in rows} == {"MIT"}
    assert found.pairs == [("1.0.0", "1.0.1")]
    manifest = json.loads((tmp_path / "out.jsonl.manifest.json").read_text())
    assert (manifest["package"], manifest["rows"]) == ("tool", 2)


def test_code_that_one_release_mends_and_the_next_mends_again_is_neither_right_nor_wrong(
    tmp_path: Path,
) -> None:
    out, last = tmp_path / "out.jsonl", BEFORE.replace("values[1]", "values[-1]")
    found = compare_releases("tool", out, run=Index(v1_0_0=BEFORE, v1_0_1=AFTER, v1_0_2=last))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert {(row["code"], row["label"]) for row in rows} == {
        (BEFORE.rstrip("\n"), 0),
        (last.rstrip("\n"), 1),
    }
    assert (found.rows, sum(found.left_out.values())) == (2, 2)


def test_a_release_that_changed_much_is_no_patch() -> None:
    before = {"a.py": "\n".join(BEFORE.replace("first", f"f{n}") for n in range(MAX_CHANGED + 1))}
    after = {"a.py": before["a.py"].replace("[1]", "[0]")}
    assert changed_functions(before, after) == []


@pytest.mark.parametrize("name", ["--index-url", "a b", "../x", ""])
def test_a_name_that_is_none_never_reaches_pip(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReleaseError, match="no name"):
        compare_releases(name, tmp_path / "out", run=Index())


@pytest.mark.parametrize("name", ["requests", "spaCy", "youtube_dl"])
def test_a_package_that_is_out_of_bounds_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReleaseError, match="out of bounds"):
        compare_releases(name, tmp_path / "out", run=Index())
