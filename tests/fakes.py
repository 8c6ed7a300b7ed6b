"""Fakes that several tests share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judge.types import Example, Verdict

BASE_RATE = 0.5


class FixedJudge:
    """Says `p` of everything, or what `by_text` says for the first text that is in the code."""

    name = "fixed-1"

    def __init__(self, p: float = 0.9, *, by_text: Mapping[str, float] | None = None) -> None:
        self._p = p
        self._by_text = by_text or {}
        self.asked: list[Example] = []

    def judge(self, examples: Sequence[Example]) -> list[Verdict]:
        self.asked.extend(examples)
        return [self._verdict(example) for example in examples]

    def _verdict(self, example: Example) -> Verdict:
        if not example.code.strip():
            return Verdict(BASE_RATE, 0.0, self.name, abstained=True, reason="there is no code")
        found = (p for text, p in self._by_text.items() if text in example.code)
        p = next(found, self._p)
        return Verdict(p, p * 10 - 5, self.name)
