"""Decide which answers of a forge are kept, to be asked for again only if they changed. No I/O."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

MOST_ANSWERS = 200
LARGEST = 100_000  # characters of one answer

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, and the ETag under which the forge knows it."""

    etag: str
    headers: Mapping[str, object]
    text: str


class Etags:
    """The newest answers by path, parameters and media type; the oldest ones are dropped."""

    def __init__(self, most: int = MOST_ANSWERS) -> None:
        self._most = most
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def find(self, key: Key) -> Kept | None:
        """What was kept last, None where nothing was."""
        return self._kept.get(key)

    def keep(self, key: Key, headers: Mapping[str, object], text: str) -> None:
        """Keep an answer that has an ETag and is not too large."""
        etag = headers.get("etag")
        if not isinstance(etag, str) or len(text) > LARGEST:
            return
        self._kept[key] = Kept(etag, headers, text)
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
