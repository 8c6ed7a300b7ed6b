"""Hold what the stand-in saw against GitLab's own OpenAPI description, where it can be had.

GitLab publishes it with its source, `doc/api/openapi/openapi_v2.yaml`. The variable
GITLAB_OPENAPI names such a file, as YAML or JSON; without it, the file that is kept beside Gavel's
state; without that, it is fetched once at a pinned commit. It says less than a schema should: types
of answers are often wrong (a list is told as one object, a number as a string, 201 as 200), and
nothing may be null. So names are held against it, and of requests also what is required and what a
value may be.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.doubles.gitlab.state import Request
from tests.npm import cache_folder

VARIABLE = "GITLAB_OPENAPI"
COMMIT = "0338625c4996c8b4dde44bd86d1767b654121ee7"  # of GitLab's own mirror of its source
ADDRESS = (
    f"https://raw.githubusercontent.com/gitlabhq/gitlabhq/{COMMIT}/doc/api/openapi/openapi_v2.yaml"
)
TIMEOUT_S = 10
LEAST_BYTES, MOST_BYTES = 100_000, 20_000_000
Node = Mapping[str, Any]

# Of a file in a diff: told in docs.gitlab.com/api/merge_requests, not in each description.
NEWER = frozenset({"collapsed", "too_large"})


class Description:
    """A Swagger 2.0 description, ready to check exchanges by."""

    def __init__(self, document: Node) -> None:
        self._document = document
        self._paths = [
            (re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path))), item)
            for path, item in document["paths"].items()
        ]

    def covers(self, request: Request) -> bool:
        """Whether the description knows the operation at all."""
        return self._operation(request) is not None

    def problems(self, request: Request) -> list[str]:
        """What is wrong with an accepted request and its answer, in sentences."""
        operation = self._operation(request)
        if operation is None or request.status >= 400:
            return []
        parameters = operation.get("parameters", [])
        found = [*_query_problems(parameters, request)]
        for one in parameters:
            if one["in"] == "body":
                found += self._body_problems(self._resolved(one["schema"]), request.body, "body")
        found += self._answer_problems(operation, request)
        return [f"{request.method} {request.path}: {problem}" for problem in found]

    def _operation(self, request: Request) -> Node | None:
        verb = request.method.lower()
        fits = [item for pattern, item in self._paths if pattern.fullmatch(request.path)]
        return next((item[verb] for item in fits if verb in item), None)

    def _body_problems(self, schema: Node, value: Node, where: str) -> Iterator[str]:
        known = schema.get("properties", {})
        for key in schema.get("required", []):
            if key not in value:
                yield f"{where} lacks {key!r}"
        for key, inner in value.items():
            if key not in known:
                yield f"{where} has {key!r}, which is not described"
                continue
            of = self._resolved(known[key])
            if "enum" in of and inner not in of["enum"]:
                yield f"{where}.{key} may not be {inner!r}"
            if isinstance(inner, dict) and of.get("properties"):
                yield from self._body_problems(of, inner, f"{where}.{key}")

    def _answer_problems(self, operation: Node, request: Request) -> Iterator[str]:
        responses = operation["responses"]
        good = next((one for code, one in responses.items() if code.startswith("2")), None)
        said = responses.get(str(request.status), good)
        if said is None:
            yield f"the status {request.status} is not described"
            return
        schema = self._resolved(said.get("schema", {}))
        schema = self._resolved(schema.get("items", schema))
        known = schema.get("properties")
        items = request.answer if isinstance(request.answer, list) else [request.answer]
        for item in items if known else []:
            unknown = sorted(set(item or {}) - set(known) - NEWER)
            if unknown:
                yield f"the answer has {unknown}, which are not described"

    def _resolved(self, node: Node) -> Node:
        while "$ref" in node:
            node = self._document["definitions"][node["$ref"].rpartition("/")[2]]
        return node


@cache
def description() -> Description | None:
    """GitLab's description, None where it cannot be had: no file is named, none is kept, and
    the network does not reach it. Asked for once in a run of the tests."""
    path = _file()
    if path is None:
        return None
    text = path.read_text(encoding="utf-8")
    if path.suffix in {".yaml", ".yml"}:
        import yaml

        return Description(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    return Description(json.loads(text))


def _file() -> Path | None:
    named = os.environ.get(VARIABLE, "")
    if named:
        return Path(named)
    kept = cache_folder() / "gitlab-openapi" / "openapi_v2.yaml"
    if not kept.exists():
        _fetch(kept)
    return kept if kept.exists() else None


def _fetch(kept: Path) -> None:
    """Keep the description at `kept`; nothing happens where it cannot be reached."""
    try:
        with urllib.request.urlopen(ADDRESS, timeout=TIMEOUT_S) as answer:
            data = answer.read(MOST_BYTES)
    except OSError:
        return
    if len(data) < LEAST_BYTES:
        return  # a page of somebody else's, such as a proxy's
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as part:
        part.write(data)
    Path(part.name).replace(kept)


def outside(requests: list[Request]) -> list[str]:
    """What is not as described; nothing where there is no description."""
    described = description()
    return [] if described is None else [p for one in requests for p in described.problems(one)]


def _query_problems(parameters: list[Node], request: Request) -> Iterator[str]:
    known = {one["name"]: one for one in parameters if one["in"] == "query"}
    for name in request.query:
        if name not in known:
            yield f"the query parameter {name!r} is not described"
    for name, one in known.items():
        if one.get("required") and name not in request.query:
            yield f"the query parameter {name!r} is missing"
