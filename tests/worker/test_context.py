from __future__ import annotations

from judge.types import Snippet, SnippetKind, Verdict
from worker.context import carried, dismissed, fixes, rules_that_hold
from worker.feedback import Feedback, Signal
from worker.repo_config import DEFAULT_RULES
from worker.suggestions import Candidate, Weighed
from worker.types import Fix, Judged


def snippet(code: str, *, line: int = 1) -> Snippet:
    lines = (line,)
    return Snippet("a.py", "python", line, line, code, SnippetKind.FUNCTION, changed_lines=lines)


def judged(p: float, code: str = "old", *, logit: float = 0.0, abstained: bool = False) -> Judged:
    return Judged(snippet(code), Verdict(p, logit, "m", abstained=abstained))


def suggested(p: float | None, *, author: str = "bob", line: int = 4) -> Weighed:
    candidate = Candidate(snippet("new", line=line), author, "1", snippet("old").fingerprint)
    return Weighed(candidate, None if p is None else Verdict(p, 0.0, "m"))


def given(fingerprint: str, signal: Signal, *, number: int = 7) -> Feedback:
    return Feedback("memory", fingerprint + signal.value, "octo/hello", number, fingerprint, signal)


def test_the_newest_rules_hold_where_they_can_be_read() -> None:
    held = rules_that_hold("limit = 1", last_good="limit = 9")
    assert (held.rules.limit, held.text, held.problem) == (1, "limit = 1", "")
    assert rules_that_hold(None, last_good="limit = 9").rules == DEFAULT_RULES


def test_else_the_last_good_ones_hold_and_the_problem_is_told() -> None:
    held = rules_that_hold("limit = -1", last_good="limit = 9")
    assert (held.rules.limit, held.text) == (9, "limit = 9")
    assert held.problem.startswith(".gavel.toml line 1, key 'limit'")


def test_else_the_default_ones() -> None:
    for last_good in (None, "of a newer version"):
        held = rules_that_hold("limit = -1", last_good=last_good)
        assert (held.rules, held.text) == (DEFAULT_RULES, None) and held.problem


def test_the_best_suggestion_that_is_clearly_better_is_the_fix() -> None:
    of = snippet("old").fingerprint
    found = fixes([judged(0.1)], [suggested(0.4, author="al"), suggested(0.9), suggested(0.5)])
    assert found == {of: Fix("bob", 4, 4, 0.9, snippet("new").code)}


def test_what_is_hardly_better_or_unknown_is_no_fix() -> None:
    assert fixes([judged(0.1)], [suggested(0.2), suggested(None)]) == {}
    assert fixes([judged(0.1, abstained=True)], [suggested(0.9)]) == {}
    assert fixes([judged(0.1, "other")], [suggested(0.9)]) == {}


def test_the_last_word_on_a_finding_of_this_change_counts() -> None:
    said = [
        given("a", Signal.IGNORED),
        given("b", Signal.IGNORED),
        given("b", Signal.ACCEPTED),
        given("c", Signal.IGNORED, number=8),
        given("d", Signal.DISAGREED),
    ]
    assert dismissed(said, 7) == {"a"}


def test_a_verdict_is_carried_where_code_and_score_are_those_of_before() -> None:
    before = [judged(0.1, logit=-2.0), judged(0.9, "b", logit=3.0)]
    now = [judged(0.2, logit=-2.0), judged(0.9, "b", logit=2.0), judged(0.5, "c")]
    assert carried(now, before) == {snippet("old").fingerprint}
