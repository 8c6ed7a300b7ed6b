"""Load the demo's change, which ships with Gavel. Acts: reads files of this package."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "change"


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the change, and the tests that say whether it is right.

    imports          lines that the function relies on; they stand at the top of its file
    recorded_passed  how the tests ended when the change was made
    recorded_detail  which test failed then, one line
    """

    name: str
    path: str
    language: str
    code: str
    imports: str
    tests: str
    recorded_passed: bool
    recorded_detail: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A pull request as a forge has it. `base` and `head` hold file texts by path."""

    repo: str
    number: int
    author: str
    title: str
    body: str
    base: Mapping[str, str]
    head: Mapping[str, str]
    patch: str
    generator: str
    settings: Mapping[str, object]
    functions: tuple[Function, ...]

    @property
    def base_sha(self) -> str:
        """Name of the base commit, made from its files."""
        return _sha(self.base)

    @property
    def head_sha(self) -> str:
        """Name of the head commit, made from its files."""
        return _sha(self.head)


def load(folder: Path = FOLDER) -> Exhibit:
    """The change in `folder`: tasks.toml, generation.json and change.patch."""
    spec = tomllib.loads((folder / "tasks.toml").read_text(encoding="utf-8"))
    made = json.loads((folder / "generation.json").read_text(encoding="utf-8"))
    tests = {task["name"]: task["tests"] for task in spec["task"]}
    base = {file["path"]: file["text"] for file in spec["file"]}
    return Exhibit(
        repo=spec["repo"],
        number=spec["number"],
        author=spec["author"],
        title=spec["title"],
        body=spec["body"],
        base=base,
        head=base | made["files"],
        patch=(folder / "change.patch").read_text(encoding="utf-8"),
        generator=made["generator"],
        settings=made["settings"],
        functions=tuple(
            Function(
                name=row["name"],
                path=row["path"],
                language=row["language"],
                code=row["code"],
                imports=row["imports"],
                tests=tests[row["name"]],
                recorded_passed=row["tests_pass"],
                recorded_detail=row["detail"],
            )
            for row in made["functions"]
        ),
    )


def _sha(files: Mapping[str, str]) -> str:
    text = "\0".join(f"{path}\0{text}" for path, text in sorted(files.items()))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
