"""Decides whether requests and answers are as an OpenAPI 3.0 description says. No I/O.

Made for GitHub's own description: what it leaves out of the answers of every operation
(wrong credentials, limits, faults) may have the shape of its `basic-error`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from bot.demo.github_double_state import Request

Node = Mapping[str, Any]
ROOT = "urn:description"


def _or_null(keyword: str) -> Callable[..., Iterable[ValidationError]]:
    """A keyword of JSON schema that lets null pass where OpenAPI 3.0 says `nullable`."""
    check = Draft202012Validator.VALIDATORS[keyword]

    def checked(
        validator: Validator, value: object, instance: object, schema: Node
    ) -> Iterable[ValidationError]:
        if instance is None and schema.get("nullable") is True:
            return ()
        return check(validator, value, instance, schema) or ()

    return checked


KEYWORDS = ("$ref", "allOf", "anyOf", "enum", "oneOf", "type")
OpenApiValidator = extend(Draft202012Validator, {word: _or_null(word) for word in KEYWORDS})
EVERYWHERE = frozenset({401, 403, 404, 410, 422, 429, 500, 502, 503})


class Description:
    """An OpenAPI description, ready to check exchanges by."""

    def __init__(self, document: Node) -> None:
        self._document = document
        self._registry: Registry[Any] = Registry().with_resource(
            ROOT, Resource.from_contents(self._document, default_specification=DRAFT202012)
        )
        self._templates = [(_pattern(path), path) for path in self._document["paths"]]

    def problems(self, request: Request, *, is_ours: bool = True) -> list[str]:
        """What is wrong with a request and its answer, in sentences; empty where nothing is.

        is_ours  the request is the client's; another one may be wrong on purpose
        """
        what = f"{request.method} {request.path} → {request.status}"
        operation = self._operation(request)
        if operation is None:
            return [f"{what}: outside the description"]
        found = [*self._answer_problems(operation, request)]
        if is_ours and request.status < 400:
            found += [*self._query_problems(operation, request)]
            found += [*self._body_problems(operation, request)]
        return [f"{what}: {problem}" for problem in found]

    def _operation(self, request: Request) -> Node | None:
        """The operation whose path fits best: the one with the most letters of its own."""
        paths = [path for pattern, path in self._templates if pattern.fullmatch(request.path)]
        items = [self._document["paths"][path] for path in sorted(paths, key=_freedom)]
        verb = request.method.lower()
        return next((item[verb] for item in items if verb in item), None)

    def _query_problems(self, operation: Node, request: Request) -> Iterator[str]:
        known = {
            one["name"]: one
            for one in map(self._resolved, operation.get("parameters", []))
            if one["in"] == "query"
        }
        for name, value in request.query.items():
            if name not in known:
                yield f"the query parameter {name!r} is not described"
            else:
                schema = known[name]["schema"]
                given = int(value) if schema.get("type") == "integer" else value
                yield from self._errors(schema, given, f"?{name}")
        for name, one in known.items():
            if one.get("required") and name not in request.query:
                yield f"the query parameter {name!r} is missing"

    def _body_problems(self, operation: Node, request: Request) -> Iterator[str]:
        described = self._resolved(operation.get("requestBody", {})).get("content", {})
        if not described:
            if request.body:
                yield "a body is sent and none is described"
            return
        schema = self._resolved(described["application/json"]["schema"])
        for key in request.body:
            if "properties" in schema and key not in schema["properties"]:
                yield f"the field {key!r} of the body is not described"
        yield from self._errors(schema, request.body, "body")

    def _answer_problems(self, operation: Node, request: Request) -> Iterator[str]:
        responses = operation["responses"]
        if request.status == 304 and request.answer is None:
            return  # of every GET that is asked conditionally, described or not
        if str(request.status) not in responses:
            if request.status not in EVERYWHERE:
                yield "its status is not described"
            else:
                schema = {"$ref": "#/components/schemas/basic-error"}
                yield from self._errors(schema, request.answer, "answer")
            return
        content = self._resolved(responses[str(request.status)]).get("content", {})
        if not request.answer_type.startswith("application/json"):
            is_text = "diff" in request.accept and "diff" in request.answer_type
            if content and not is_text:
                yield f"it is answered with {request.answer_type}"
            return
        if "application/json" not in content:
            yield "it is answered with JSON, and none is described"
            return
        yield from self._errors(content["application/json"]["schema"], request.answer, "answer")

    def _errors(self, schema: Node, value: object, where: str) -> Iterator[str]:
        validator = OpenApiValidator(_absolute(schema), registry=self._registry)
        for error in list(validator.iter_errors(value))[:3]:
            yield f"{where} {error.json_path}: {error.message[:300]}"

    def _resolved(self, node: Node) -> Node:
        while "$ref" in node:
            place: Any = self._document
            for part in node["$ref"].removeprefix(ROOT).removeprefix("#/").split("/"):
                place = place[part]
            node = place
        return node


def _pattern(path: str) -> re.Pattern[str]:
    """A path's template as an expression; a file's path or a branch's name may hold slashes."""
    parts = re.split(r"(\{[^}]+\})", path)
    wide = {"{path}", "{ref}", "{basehead}", "{branch}"}
    return re.compile(
        "".join(
            (".+" if part in wide else "[^/]+") if part.startswith("{") else re.escape(part)
            for part in parts
        )
    )


def _freedom(path: str) -> int:
    return -len(re.sub(r"\{[^}]+\}", "", path))


def _absolute(node: Any) -> Any:
    """`node` with references that lead into the whole description."""
    if isinstance(node, list):
        return [_absolute(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"{ROOT}{value}" if key == "$ref" and str(value).startswith("#") else _absolute(value)
        for key, value in node.items()
    }
