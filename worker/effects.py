"""Acts: carries out what a command asks for, besides its answer. Each may be done twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from worker.commands import Verb
from worker.conversation import Say, Scene
from worker.desk import Desk
from worker.feedback import Feedback, Signal
from worker.jobs import ReviewJob
from worker.queue import BrokerDown
from worker.store import deliveries, learning, notes
from worker.store.asks import Ask

Effect = Callable[[Desk, Ask, Say, Scene], None]
SIGNALS: Mapping[Verb, Signal] = {Verb.IGNORE: Signal.IGNORED, Verb.ACCEPT: Signal.ACCEPTED}


def _judge_again(desk: Desk, ask: Ask, plan: Say, scene: Scene) -> None:
    """The newest head is judged again, also where it was paused."""
    notes.resume(desk.engine, ask.remark.change)
    change = replace(ask.remark.change, head_sha=scene.found.head_sha)
    verb = plan.command.verb.value
    job = ReviewJob(
        change,
        f"ask:{ask.delivery_id}"[:200],
        f"command.{verb}",
        ask.installation_id,
        is_again=True,
    )
    recorded = deliveries.record(desk.engine, job, now=desk.clock())
    try:
        desk.send("prepare", recorded.review_id)
    except BrokerDown:
        return  # the sweep sends it


def _pause(desk: Desk, ask: Ask, plan: Say, scene: Scene) -> None:
    notes.pause(desk.engine, ask.remark.change, author=ask.remark.author, now=desk.clock())


def _keep_opinion(desk: Desk, ask: Ask, plan: Say, scene: Scene) -> None:
    """A label; what is ignored leaves the check too, so the head is judged again."""
    if not plan.about:
        return
    remark = ask.remark
    learning.record(
        desk.engine,
        Feedback(
            forge=remark.change.forge,
            delivery_id=ask.delivery_id,
            repo=remark.change.repo,
            number=remark.change.number,
            fingerprint=plan.about,
            signal=SIGNALS[plan.command.verb],
            author=remark.author,
            is_own=remark.author == scene.found.author,
            reason=plan.command.words,
        ),
        now=desk.clock(),
    )
    if plan.command.verb is Verb.IGNORE and not notes.is_paused(desk.engine, remark.change):
        _judge_again(desk, ask, plan, scene)


EFFECTS: Mapping[Verb, Effect] = {
    Verb.REVIEW: _judge_again,
    Verb.RESUME: _judge_again,
    Verb.PAUSE: _pause,
    Verb.IGNORE: _keep_opinion,
    Verb.ACCEPT: _keep_opinion,
}
