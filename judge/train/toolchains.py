"""Act: find what each language needs on this machine, or say what is missing and its remedy."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

_REMEDIES = {
    "node": "install Node.js 18 or newer (Debian: apt install nodejs)",
    "javac": "install a JDK 17 or newer (Debian: apt install openjdk-17-jdk-headless)",
    "java": "install a JDK 17 or newer (Debian: apt install openjdk-17-jdk-headless)",
    "g++": "install g++ (Debian: apt install g++)",
    "lodash": "the tests require lodash: run `npm pack lodash`, unpack it and give "
    "--lodash package/lodash.js",
}
_NEEDS = {
    "python": (),
    "javascript": ("node", "lodash"),
    "java": ("javac", "java"),
    "cpp": ("g++",),
}


@dataclass(frozen=True, slots=True)
class Toolchains:
    """Executables by name, as absolute paths with links resolved."""

    paths: dict[str, Path] = field(default_factory=dict)

    def missing(self, language: str) -> str:
        """Why candidates of `language` cannot be run here, with the remedy; "" where they can."""
        if language not in _NEEDS:
            return f"no labeller for this language: expected {', '.join(_NEEDS)}"
        lacking = [name for name in _NEEDS[language] if name not in self.paths]
        return "; ".join(f"{name} is missing: {_REMEDIES[name]}" for name in lacking)


def find_toolchains(*, lodash: Path | None = None) -> Toolchains:
    """What is on the path, and the given lodash.js if it is a file."""
    found = {name: shutil.which(name) for name in ("node", "javac", "java", "g++")}
    paths = {name: Path(path).resolve() for name, path in found.items() if path}
    if lodash is not None and lodash.is_file():
        paths["lodash"] = lodash.resolve()
    return Toolchains(paths)
