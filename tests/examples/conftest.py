from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "plugins"


def install(folder: Path, name: str, groups: dict[str, dict[str, str]]) -> None:
    """What pip leaves of a distribution for `importlib.metadata` to find: its entry points."""
    told = folder / f"{name.replace('-', '_')}-1.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    lines = [
        line
        for group, points in groups.items()
        for line in (f"[{group}]", *(f"{key} = {value}" for key, value in points.items()))
    ]
    (told / "entry_points.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example, as if it was installed; gives the folder that makes it so."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    place = tmp_path / "site"
    install(place, project["name"], project["entry-points"])
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.syspath_prepend(str(EXAMPLE))
    return place
