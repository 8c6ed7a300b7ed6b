"""Act: outcomes of Python candidates, by their tests and by comparison with the reference."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Self

from judge.train import values
from judge.train.inputs import Call, variants
from judge.train.outcomes import Outcome
from judge.train.programs import python_program
from judge.train.sandbox import Box, SandboxBroken, SandboxSlow
from judge.train.tasks import Task

PROBES = 60
_SEEDS = (0, 1)
_CALL_S = 3.0
_PROBE_S = 0.5
_WALL_S = 10.0
_WITHIN_S = 90.0


class PythonLabeller:
    """Two boxes that differ in their hash seed: what depends on it is unstable.

    Use as a context manager, from one thread.
    """

    def __init__(self, *, probes: int = PROBES) -> None:
        self._probes = probes
        self._boxes = [Box("python", seed=seed) for seed in _SEEDS]

    def __enter__(self) -> Self:
        for box in self._boxes:
            box.start()
        return self

    def __exit__(self, *_: object) -> None:
        for box in self._boxes:
            box.stop()

    def outcomes(self, task: Task, bodies: Sequence[str]) -> tuple[bool | None, list[Outcome]]:
        """Whether the reference passes (None where there is none), and an outcome per body."""
        if task.solution is None:
            return None, [self._outcome(task, body, [], []) for body in bodies]
        probes, expected = self._reference(task, task.solution)
        if probes is None:
            return False, [self._outcome(task, body, [], []) for body in bodies]
        return True, [self._outcome(task, body, probes, expected) for body in bodies]

    def _reference(self, task: Task, body: str) -> tuple[list[Call] | None, list[object]]:
        """Probes that the reference answers the same twice, and its answers; None: it fails."""
        first = self._test(0, task, body, [])
        if first is None or first["outcome"] != "passed":
            return None, []
        calls = first["calls"]
        assert isinstance(calls, list)
        seed = zlib.crc32(task.key.encode())
        probes = variants(calls, count=self._probes, seed=seed)
        answers = [self._test(index, task, body, probes) for index in range(len(self._boxes))]
        if any(answer is None or answer["outcome"] != "passed" for answer in answers):
            return None, []
        replies = [_replies(answer) for answer in answers]
        kept = [
            index
            for index, pair in enumerate(zip(*replies, strict=True))
            if all(kind == "value" for kind, _ in pair) and values.same(pair[0][1], pair[1][1])
        ]
        return [probes[index] for index in kept], [replies[0][index][1] for index in kept]

    def _outcome(
        self, task: Task, body: str, probes: Sequence[Call], expected: Sequence[object]
    ) -> Outcome:
        first = self._test(0, task, body, probes)
        if first is None:
            return Outcome("timeout")
        if first["outcome"] != "passed":
            return Outcome(str(first["outcome"]))
        if not first["calls"]:
            return Outcome("harness:NotCalled")
        second = self._test(1, task, body, probes)
        if second is None or second["outcome"] != "passed":
            return Outcome("unstable")
        if not probes:
            return Outcome("passed")
        agreed = sum(
            kind == "value" and values.same(value, wanted)
            for (kind, value), wanted in zip(_replies(first), expected, strict=True)
        )
        return Outcome("passed", agree=agreed / len(probes))

    def _test(
        self, box: int, task: Task, body: str, probes: Sequence[Call]
    ) -> dict[str, object] | None:
        """The referee's answer; None when the cell had to be killed as a whole for its time."""
        request = {
            "prompt": python_program(task.prompt, "    pass\n"),
            "source": python_program(task.prompt, body),
            "test": task.test,
            "entry": task.entry_point,
            "seed": _SEEDS[box],
            "call_s": _CALL_S,
            "probe_s": _PROBE_S,
            "wall_s": _WALL_S,
            "probes": list(probes),
        }
        try:
            return self._boxes[box].test(request, within_s=_WITHIN_S)
        except SandboxSlow:
            return None
        except SandboxBroken:  # the machine's doing, such as a lack of memory: it says nothing
            return {"outcome": "harness:SandboxBroken", "calls": [], "replies": []}


def _replies(answer: dict[str, object] | None) -> list[tuple[str, object]]:
    assert answer is not None
    replies = answer["replies"]
    assert isinstance(replies, list)
    return replies
