import pytest

from judge.diff import FileDiff, parse
from judge.types import Snippet, SnippetKind, Verdict
from worker.compose import compose
from worker.repo_config import Gate, Rules
from worker.select import select
from worker.types import Conclusion, Judged, Skipped

DOCS = Skipped("README.md", "not code")
LARGE = Skipped("big.py", "too large", is_code=True)


def judged(p: float, *, name: str = "f", line: int = 1, abstained: bool = False, logit=0.0):
    snippet = Snippet("a.py", "python", line, line + 1, f"def {name}(): ...", SnippetKind.FUNCTION)
    return Judged(snippet, Verdict(p, logit, "m", abstained=abstained))


def ps(found) -> list[float]:
    return [one.verdict.p_correct for one in found]


def test_findings_are_the_worst_first() -> None:
    given = [judged(0.2), judged(0.9), judged(0.1), judged(0.25)]
    assessed = compose(given, skipped=(), rules=Rules(threshold=0.3))
    assert ps(assessed.findings) == [0.1, 0.2, 0.25]
    assert ps(assessed.judged) == [0.1, 0.2, 0.25, 0.9]


def test_a_snippet_at_the_threshold_is_no_finding() -> None:
    assert compose([judged(0.3)], skipped=(), rules=Rules(threshold=0.3)).findings == ()


def test_the_limit_keeps_the_worst_and_counts_the_rest() -> None:
    given = [judged(p / 100) for p in range(20)]
    assessed = compose(given, skipped=(), rules=Rules(limit=3))
    assert (ps(assessed.findings), assessed.hidden) == ([0.0, 0.01, 0.02], 17)


def test_equal_probabilities_are_ordered_by_logit_and_then_by_place() -> None:
    given = [judged(0.1, line=9), judged(0.1, line=3), judged(0.1, line=5, logit=-2.0)]
    assessed = compose(given, skipped=(), rules=Rules())
    assert [one.snippet.start_line for one in assessed.findings] == [5, 3, 9]


def test_an_abstained_verdict_is_never_a_finding() -> None:
    assessed = compose([judged(0.0, abstained=True), judged(0.9)], skipped=(), rules=Rules())
    assert assessed.findings == () and assessed.hidden == 0


def test_order_of_arrival_does_not_matter() -> None:
    given = [judged(p / 10, line=int(p) + 1) for p in range(9)]
    rules = Rules(threshold=0.5)
    assert compose(given, skipped=(), rules=rules) == compose(
        reversed(given), skipped=(), rules=rules
    )


@pytest.mark.parametrize(
    ("given", "skipped", "gate", "ends"),
    [
        ([judged(0.9)], [], Gate.BLOCK, Conclusion.PASSED),
        ([judged(0.1)], [], Gate.BLOCK, Conclusion.FAILED),
        ([judged(0.1)], [], Gate.ADVISE, Conclusion.ADVISED),
        ([judged(0.9), judged(0.1, abstained=True)], [], Gate.BLOCK, Conclusion.ADVISED),
        ([judged(0.9, abstained=True)], [], Gate.BLOCK, Conclusion.NOT_JUDGED),
        ([judged(0.9, abstained=True)], [], Gate.SHADOW, Conclusion.NOT_JUDGED),
        ([], [LARGE, DOCS], Gate.ADVISE, Conclusion.NOT_JUDGED),
        ([], [DOCS], Gate.BLOCK, Conclusion.PASSED),
        ([], [], Gate.BLOCK, Conclusion.PASSED),
        ([judged(0.9)], [LARGE], Gate.BLOCK, Conclusion.ADVISED),
        ([judged(0.1)], [], Gate.SHADOW, Conclusion.ADVISED),
        ([judged(0.9)], [], Gate.OFF, Conclusion.ADVISED),
    ],
)
def test_how_a_review_ends(given, skipped, gate, ends) -> None:
    assert compose(given, skipped=skipped, rules=Rules(gate=gate)).conclusion is ends


def added(path: str, text: str) -> FileDiff:
    rows = "".join(f"+{line}\n" for line in text.splitlines())
    count = len(text.splitlines())
    (file,) = parse(f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{count} @@\n{rows}")
    return file


FUNCTION = "def f(x):\n    y = x + 1\n    return y\n"


@pytest.mark.parametrize(
    ("path", "text", "most", "ends"),
    [
        ("a.py", FUNCTION * 2_000, 200, Conclusion.NOT_JUDGED),
        ("a.py", FUNCTION, 0, Conclusion.NOT_JUDGED),
        ("a.md", FUNCTION * 2_000, 200, Conclusion.PASSED),
        ("package-lock.json", FUNCTION, 200, Conclusion.PASSED),
    ],
    ids=["large", "over the limit", "large document", "lock file"],
)
def test_code_that_the_selection_left_unread_is_no_pass(path, text, most, ends) -> None:
    chosen = select([added(path, text)], {path: text}, max_snippets=most)
    assert chosen.snippets == () and chosen.skipped
    assert compose((), skipped=chosen.skipped, rules=Rules()).conclusion is ends


def test_a_limit_of_zero_still_fails_the_gate() -> None:
    assessed = compose([judged(0.1)], skipped=(), rules=Rules(limit=0, gate=Gate.BLOCK))
    assert (assessed.findings, assessed.hidden) == ((), 1)
    assert assessed.conclusion is Conclusion.FAILED


@pytest.mark.parametrize("gate", [Gate.OFF, Gate.SHADOW])
def test_a_silent_gate_records_and_shows_nothing(gate) -> None:
    assessed = compose([judged(0.1)], skipped=(), rules=Rules(gate=gate))
    assert assessed.is_silent and assessed.findings == () and len(assessed.judged) == 1


def test_the_wish_for_a_person_is_passed_on() -> None:
    wish = Rules(not_judged="action_required")
    assert compose([], skipped=(), rules=wish).requires_judgement
    assert not compose([], skipped=(), rules=Rules()).requires_judgement
