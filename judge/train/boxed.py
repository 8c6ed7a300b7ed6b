"""What keeps one sandbox for many candidates. Acts: starts and stops it."""

from __future__ import annotations

from typing import Self

from judge.train.sandbox import Box


class Boxed:
    """A context manager around one box, which `_stage` fills with what every candidate needs."""

    _box: Box

    def __enter__(self) -> Self:
        self._box.start()
        self._stage()
        return self

    def __exit__(self, *_: object) -> None:
        self._box.stop()

    def _stage(self) -> None:
        """Nothing, unless a subclass says what."""
