"""What every forge's hook takes, gives and raises. Decides nothing and does no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from worker.jobs import Ignored, Job


class Unsigned(Exception):
    """The signature is missing or wrong: whoever sent this does not know the secret."""


class Malformed(Exception):
    """A signed delivery that cannot be read. Says what is wrong with it, in one clause."""


class Hook(Protocol):
    """How one forge's deliveries are checked and read. Header names are of any case."""

    def verify(self, headers: Mapping[str, str], body: bytes, secret: str) -> None:
        """Raise Unsigned unless the sender knows `secret`. Parses nothing."""
        ...

    def delivery_id(self, headers: Mapping[str, str]) -> str:
        """The forge's id of the delivery, printable, or "" where there is none. For the log."""
        ...

    def parse(self, headers: Mapping[str, str], body: bytes) -> Job | Ignored:
        """What a verified delivery asks for. Raises Malformed."""
        ...


def header(headers: Mapping[str, str], name: str) -> str:
    """The value of the header `name`, whatever the case of its letters, or ""."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")
