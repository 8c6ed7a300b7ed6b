from __future__ import annotations

import pytest

from judge.types import Evidence, Snippet, SnippetKind, Verdict
from worker.compose import compose
from worker.repo_config import Gate, Rules
from worker.types import Assessment, Judged, Skipped

CODE = "def add(a, b):\n    total = a\n    return total - b"
HOSTILE = "x\r\n::error::owned,a:b%\x1b[2J\u202e\ud800"


def one(p: float, *, path: str = "src/calc.py", line: int = 10, code: str = CODE, **more) -> Judged:
    """A function at `line` whose last line the change added."""
    end = line + code.count("\n")
    name = more.pop("name", "add")
    snippet = Snippet(
        path, "python", line, end, code, SnippetKind.FUNCTION, name, changed_lines=(end - 1, end)
    )
    return Judged(snippet, Verdict(p, p, "fixed-1", **more))


def assess(*found: Judged, gate: Gate = Gate.ADVISE, skipped: tuple[Skipped, ...] = ()):
    return compose(found, skipped=skipped, rules=Rules(threshold=0.3, gate=gate, limit=50))


ASSESSMENTS = {
    "nothing": assess(),
    "fine": assess(one(0.9)),
    "advised": assess(one(0.1), one(0.2, line=50)),
    "blocked": assess(one(0.1), gate=Gate.BLOCK),
    "evident": assess(one(0.1, evidence=(Evidence(12, 12, 0.62),))),
    "silent": assess(one(0.1), gate=Gate.SHADOW),
    "not judged": assess(
        one(0.5, abstained=True, reason="too long"), skipped=(Skipped("b.go", "huge", True),)
    ),
    "hostile": assess(
        one(0.1, path=HOSTILE, name=HOSTILE, code=f"{HOSTILE}\n{HOSTILE}"),
        one(0.1, abstained=True, reason=HOSTILE, path=f"a b/ü{HOSTILE}", line=99),
        skipped=(Skipped(HOSTILE, HOSTILE, is_code=True),),
    ),
}


@pytest.fixture(params=sorted(ASSESSMENTS))
def any_assessment(request: pytest.FixtureRequest) -> Assessment:
    return ASSESSMENTS[request.param]


@pytest.fixture
def blocked() -> Assessment:
    return ASSESSMENTS["blocked"]


@pytest.fixture
def evident() -> Assessment:
    return ASSESSMENTS["evident"]


@pytest.fixture
def advised() -> Assessment:
    return ASSESSMENTS["advised"]


@pytest.fixture
def unread() -> Assessment:
    return ASSESSMENTS["not judged"]


@pytest.fixture
def hostile() -> Assessment:
    return ASSESSMENTS["hostile"]


@pytest.fixture
def twice() -> Assessment:
    """Equal code at two places of one file, the lower one worse."""
    return assess(one(0.2, line=10), one(0.1, line=50))
