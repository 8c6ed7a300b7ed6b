"""Decides: the CI/CD component's configuration, as GitLab fills it in."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

TEXT = (Path(__file__).parents[2] / "templates" / "gavel.yml").read_text(encoding="utf-8")
INPUT = re.compile(r"\$\[\[ inputs\.([\w-]+) \]\]")


def filled(**given: str) -> dict:
    """The component's configuration with its inputs, those of `given` for a start."""
    spec, body = TEXT.split("\n---\n")
    told = yaml.safe_load(spec)["spec"]["inputs"]
    assert set(given) <= set(told)
    values = {name: given.get(name, one["default"]) for name, one in told.items()}
    return yaml.safe_load(INPUT.sub(lambda found: json.dumps(values[found[1]])[1:-1], body))
