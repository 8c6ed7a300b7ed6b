"""What the check says besides verdicts: the gate, older rules, agents, what is left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from judge.types import Evidence, Snippet, SnippetKind, Verdict
from worker.agents import Authorship
from worker.compose import Context, compose
from worker.gate import Standing, Tally, standing
from worker.render import render
from worker.repo_config import Gate, Rules
from worker.types import Conclusion, Fix, Judged, Review

BLOCK = Rules(gate=Gate.BLOCK)


def judged(p: float, *, language: str = "python", code: str = "def f(): ...") -> Judged:
    snippet = Snippet("a.py", language, 3, 9, code, SnippetKind.FUNCTION, "f", changed_lines=(4,))
    return Judged(snippet, Verdict(p, 0.0, "m 1"))


def told(*given: Judged, rules: Rules = BLOCK, **context: object) -> Review:
    return render(compose(given, skipped=(), rules=rules, context=Context(**context)))


def stands(confirmed: int, refuted: int, rules: Rules = BLOCK) -> Standing:
    return standing(rules, Tally(confirmed, refuted))


def test_a_gate_that_has_not_earned_blocking_advises_and_shows_rule_and_evidence() -> None:
    review = told(judged(0.1), standing=stands(8, 2))
    assert review.conclusion is Conclusion.ADVISED
    assert (
        "Gate: the rules ask for `block`, and it acts as `advise`. "
        "People confirmed 8 of 10 comments that they judged here: "
        "precision 0.80, 95 % interval 0.49 to 0.94. "
        "`block` needs at least 10 of them and a lower end of 0.70."
    ) in review.summary


def test_a_gate_that_has_earned_it_blocks() -> None:
    review = told(judged(0.1), standing=stands(30, 2))
    assert review.conclusion is Conclusion.FAILED and len(review.comments) == 1
    assert "acts as `block`" in review.summary


def test_a_gate_that_lost_its_precision_falls_silent_and_says_so() -> None:
    review = told(judged(0.1), standing=stands(1, 30))
    assert review.comments == () and "acts as `shadow`" in review.summary
    assert "0.10" not in review.summary


def test_before_anybody_spoke_the_precision_is_unknown() -> None:
    assert "precision ?, 95 % interval 0.00 to 1.00" in told(standing=stands(0, 0)).summary


def test_a_gate_that_only_advises_says_nothing_before_there_is_evidence() -> None:
    rules = Rules()
    assert "Gate:" not in told(judged(0.1), rules=rules, standing=stands(0, 0, rules)).summary
    assert "Gate:" in told(judged(0.1), rules=rules, standing=stands(3, 1, rules)).summary


def test_older_rules_are_told_with_the_problem_as_data() -> None:
    problem = ".gavel.toml line 1, key '@everyone': unknown; <b>"
    assert f"`{problem}`" in told(rules_problem=problem).summary


def test_agents_are_named_and_their_threshold_holds() -> None:
    rules = Rules(threshold=0.05, agents={"threshold": 0.5})
    review = told(judged(0.3), rules=rules, agents=Authorship(("aider", "<b>@x")))
    assert "coding agents (`aider`, `<b>@x`)" in review.summary
    assert "threshold of 0.50" in review.comments[0].body
    assert told(judged(0.3), rules=rules).comments == ()


def test_the_threshold_of_agents_holds_for_their_code_alone() -> None:
    rules = Rules(threshold=0.05, agents={"threshold": 0.5})
    theirs, mine = judged(0.3), judged(0.2, code="def g(): ...")
    written = Authorship(("aider",), frozenset({theirs.snippet.fingerprint}))
    review = told(theirs, mine, rules=rules, agents=written)
    assert [one.fingerprint for one in review.comments] == [theirs.snippet.fingerprint]
    assert "coding agents" not in told(mine, rules=rules, agents=written).summary


def test_a_language_has_its_own_threshold_in_words_and_table() -> None:
    rules = Rules(threshold=0.05, thresholds={"go": 0.4})
    given = [judged(0.3, language="go"), judged(0.3, code="def g(): ...")]
    review = told(*given, rules=rules)
    (comment,) = review.comments
    assert "threshold of 0.40" in comment.body
    assert review.summary.count("**0.30**") == 1


def test_what_people_ignored_is_left_out_and_counted() -> None:
    one = judged(0.1)
    review = told(one, dismissed=frozenset({one.snippet.fingerprint}))
    assert review.comments == () and review.conclusion is Conclusion.PASSED
    assert "1 finding is left out: people said to ignore it." in review.summary


def test_verdicts_of_earlier_heads_are_counted() -> None:
    one = judged(0.9)
    carried = frozenset({one.snippet.fingerprint})
    assert "1 verdict is carried over" in told(one, carried=carried).summary


@pytest.mark.parametrize("rules", [BLOCK, Rules()])
def test_a_change_judged_in_part_is_no_pass(rules: Rules) -> None:
    silent = replace(judged(0.5), verdict=Verdict(0.5, 0.0, "m", True, "no whole function"))
    review = told(judged(0.9, code="def g(): ..."), silent, rules=rules)
    assert review.conclusion is Conclusion.ADVISED
    assert review.title == "1 snippet judged, none below the threshold; 1 not judged"
    assert "What was not judged has not passed" in review.summary


def test_a_comment_has_the_lines_that_lower_it_and_one_fix() -> None:
    lines = (Evidence(5, 5, 0.7), Evidence(7, 8, 0.4))
    one = judged(0.1)
    one = replace(one, verdict=replace(one.verdict, evidence=lines))
    fix = {one.snippet.fingerprint: Fix("@bob", 5, 6, 0.85)}
    (comment,) = told(one, fixes=fix).comments
    assert "leaving lines out: without line 5 it is 0.70; without lines 7-8 it is 0.40." in (
        comment.body
    )
    assert "suggestion by `@bob` on lines 5-6 is clearly likelier" in comment.body
    assert "P(correct) = 0.85" in comment.body
    assert "```suggestion" not in comment.body


@pytest.mark.parametrize(
    ("code", "fence"), [("def f():\n    return 2\n", "```"), ('x = "````"', "`````")]
)
def test_a_fix_of_a_whole_function_can_be_applied_to_all_of_its_lines(code, fence) -> None:
    one = judged(0.1)
    fix = {one.snippet.fingerprint: Fix("bob", 5, 6, 0.85, code)}
    (comment,) = told(one, fixes=fix).comments
    assert f"\n\n{fence}suggestion\n{code.rstrip()}\n{fence}\n\n" in comment.body
    assert (comment.start_line, comment.end_line) == (one.snippet.start_line, one.snippet.end_line)


@pytest.mark.parametrize("code", ["x = 1 \u202e", "x = '\x1b[31m'", "x" * 10_001])
def test_a_fix_that_a_reader_could_not_see_whole_is_not_offered(code) -> None:
    one = judged(0.1)
    fix = {one.snippet.fingerprint: Fix("bob", 5, 6, 0.85, code)}
    (comment,) = told(one, fixes=fix).comments
    assert "suggestion\n" not in comment.body and "suggestion by" in comment.body
