"""Decide whether a forge's answer has the shape that is documented. No I/O."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from worker.forges.base import Unavailable

Shape = TypeVar("Shape", bound=BaseModel)


def read(shape: type[Shape], value: object, *, forge: str) -> Shape:
    """`value` as `shape`, ignoring what it does not name. Raises Unavailable if it is another.

    forge  whose answer it is, as people write it
    """
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Unavailable(
            f"{forge}'s answer has another shape than documented: {where}: {first['msg']}"
        ) from error


def read_list(shape: type[Shape], value: object, *, forge: str, path: str) -> list[Shape]:
    """`value`, the answer at `path`, as a list of such shapes. Raises Unavailable if it is none."""
    if not isinstance(value, list):
        raise Unavailable(f"{forge}'s list at {path} has another shape than documented")
    return [read(shape, item, forge=forge) for item in value]
