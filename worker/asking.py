"""Acts: runs one stage of a stored ask: claim the row, do the work, move one arrow.

As in `worker.stages`, the work comes before the arrow, and a stage that runs twice changes nothing
the second time: an answer is known by its hidden line, an opinion by its delivery.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog

from judge.types import Example, Judge
from worker import answers, conversation
from worker.attempt import Failure, attempt
from worker.compose import SILENT
from worker.context import rules_that_hold
from worker.conversation import JUDGE, Nothing, Say, Scene, Weigh
from worker.desk import Desk
from worker.effects import EFFECTS
from worker.forges.base import Forge
from worker.known import standing_of
from worker.queue import BrokerDown, Stage
from worker.repo_config import RULES_FILE
from worker.store import asks, candidates, learning, notes, reviews, snippets
from worker.store.asks import Ask, AskState
from worker.telemetry import about
from worker.types import Judged
from worker.words import words_of

log = structlog.get_logger("worker")

STAGE_OF: Mapping[AskState, Stage] = {
    AskState.RECEIVED: "hear",
    AskState.READY: "weigh",
    AskState.WEIGHED: "answer",
}
LONGEST_DELAY_S = 60.0

ForgeOf = Callable[[Ask], Forge]


def hear(desk: Desk, ask_id: int, *, forge_of: ForgeOf) -> None:
    """received → answered, dropped, or ready where code is to be weighed first."""

    def work(ask: Ask) -> None:
        forge, change = forge_of(ask), ask.remark.change
        found = forge.describe(change)
        text = forge.file(change, RULES_FILE, sha=found.base_sha)
        held = rules_that_hold(text, last_good=notes.kept_rules(desk.engine, change))
        scene = Scene(
            found,
            held.rules,
            judged=_judged(desk, ask),
            bot_answers=asks.bot_answers(desk.engine, change) if ask.remark.is_bot else 0,
        )
        plan = conversation.hear(ask.remark, scene, forge=forge)
        if isinstance(plan, Nothing):
            return _end(desk, ask, AskState.DROPPED, reason=plan.reason)
        if isinstance(plan, Weigh):
            now, due = desk.clock(), desk.next_send()
            found_ = plan.candidates
            if asks.save_ready(desk.engine, ask, found_, asked=plan.asked, now=now, due_at=due):
                _send(desk, "weigh", ask.id)
            return None
        _carry_out(desk, ask, plan, scene)
        say = words_of(held.rules.locale)
        said = answers.to_command(plan.command, say, about=plan.about, known=plan.known)
        return _answer(desk, ask, said, forge, asked=plan.command.verb.value)

    _run(desk, "hear", ask_id, work)


def weigh(desk: Desk, ask_id: int, *, judge_of: Callable[[], Judge]) -> None:
    """ready → weighed: judge the candidates. Touches no forge, has no token."""

    def work(ask: Ask) -> None:
        change = ask.remark.change
        found = [one.candidate.snippet for one in candidates.of_ask(desk.engine, ask.id)]
        verdicts = judge_of().judge([Example.of(snippet) for snippet in found])
        told = learning.adjusted(desk.engine, verdicts, forge=change.forge, repo=change.repo)
        now, due = desk.clock(), desk.next_send()
        if asks.save_weighed(desk.engine, ask, told, now=now, due_at=due):
            _send(desk, "answer", ask.id)

    _run(desk, "weigh", ask_id, work)


def answer(desk: Desk, ask_id: int, *, forge_of: ForgeOf) -> None:
    """weighed → answered, or dropped where the gate lets nobody see verdicts."""

    def work(ask: Ask) -> None:
        forge, change = forge_of(ask), ask.remark.change
        found = forge.describe(change)
        text = forge.file(change, RULES_FILE, sha=found.base_sha)
        rules = rules_that_hold(text, last_good=notes.kept_rules(desk.engine, change)).rules
        if ask.asked == JUDGE and standing_of(desk.engine, change, rules=rules).gate in SILENT:
            reason = "the verdict is recorded, and the gate shows none"
            return _end(desk, ask, AskState.DROPPED, reason=reason)
        weighed, say = candidates.of_ask(desk.engine, ask.id), words_of(rules.locale)
        if all(one.verdict is None for one in weighed):
            if ask.asked == JUDGE:
                return _end(desk, ask, AskState.FAILED, reason=ask.reason)
            return _answer(desk, ask, answers.unweighed(ask.reason, say), forge, asked=ask.asked)
        said = answers.to_weighed(ask.asked, weighed, say)
        return _answer(desk, ask, said, forge, asked=ask.asked)

    _run(desk, "answer", ask_id, work)


def sweep(desk: Desk) -> int:
    """Send every ask again that nobody touched in time; returns how many were sent."""
    due = asks.claim_due(desk.engine, now=desk.clock(), wait_s=desk.patience.send_again_s)
    for ask_id, state in due:
        _send(desk, STAGE_OF[state], ask_id)
    return len(due)


def _judged(desk: Desk, ask: Ask) -> tuple[Judged, ...]:
    """What the newest review of the change that has verdicts says."""
    change = ask.remark.change
    rows = reviews.of_change(
        desk.engine, forge=change.forge, repo=change.repo, number=change.number
    )
    every = (snippets.judged(desk.engine, row.id) for row in reversed(rows))
    return next((found for found in every if found), ())


def _carry_out(desk: Desk, ask: Ask, plan: Say, scene: Scene) -> None:
    effect = EFFECTS.get(plan.command.verb)
    if effect is not None:
        effect(desk, ask, plan, scene)


def _answer(desk: Desk, ask: Ask, said: str, forge: Forge, *, asked: str) -> None:
    answer_id = forge.reply(ask.remark.change, ask.remark, answers.signed(said, ask.remark))
    _end(desk, ask, AskState.ANSWERED, answer_id=answer_id, asked=asked)


def _end(desk: Desk, ask: Ask, state: AskState, *, reason: str = "", **values: str) -> None:
    ended = asks.end(desk.engine, ask, state, now=desk.clock(), reason=reason, **values)
    log.info("ask", state=state.value, reason=reason, ended=ended)


def _run(desk: Desk, stage: Stage, ask_id: int, work: Callable[[Ask], None]) -> None:
    """Claim the ask, do the work, and sort out how it failed."""
    state = next(state for state, name in STAGE_OF.items() if name == stage)
    lease_s = desk.patience.lease_s
    ask = asks.begin(desk.engine, ask_id, state, now=desk.clock(), lease_s=lease_s)
    if ask is None:
        return None
    with about(delivery_id=ask.delivery_id, change=ask.remark.change.key):
        if ask.attempts >= desk.patience.max_attempts:
            reason = f"given up: a worker died {ask.attempts} times over it"
            return _give_up(desk, ask, reason)
        failure = attempt(
            lambda: work(ask),
            touch=lambda: _touch(desk, ask),
            patience=desk.patience,
            postponed=ask.postponed,
        )
        if failure is not None:
            _fail(desk, ask, failure)
    return None


def _fail(desk: Desk, ask: Ask, failure: Failure) -> None:
    if failure.delay_s is None:
        return _give_up(desk, ask, failure.reason)
    not_before = desk.clock() + timedelta(seconds=failure.delay_s)
    asks.postpone(desk.engine, ask, reason=failure.reason, not_before=not_before)
    if failure.delay_s <= LONGEST_DELAY_S:
        _send(desk, STAGE_OF[ask.state], ask.id, delay_s=failure.delay_s)
    return None


def _give_up(desk: Desk, ask: Ask, reason: str) -> None:
    """End an ask as failed; whoever gave a command is told what kept it from being weighed."""
    if ask.state is not AskState.READY:
        return _end(desk, ask, AskState.FAILED, reason=reason)
    now, due = desk.clock(), desk.next_send()
    if asks.save_weighed(desk.engine, ask, (), now=now, due_at=due, reason=reason):
        _send(desk, "answer", ask.id)
    return None


def _touch(desk: Desk, ask: Ask) -> None:
    asks.touch(desk.engine, ask, until=desk.clock() + timedelta(seconds=desk.patience.lease_s))


def _send(desk: Desk, stage: Stage, ask_id: int, *, delay_s: float = 0.0) -> None:
    try:
        desk.send(stage, ask_id, delay_s=delay_s)
    except BrokerDown:
        log.warning("the broker is down: the sweep will send it", stage=stage)
