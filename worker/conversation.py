"""Acts: the use cases of a conversation. Asks the forge; what to do is decided elsewhere.

A remark becomes a plan: words to say at once, code to weigh first, or nothing. Answers end with a
hidden line, and what ends so is never answered: two programs cannot keep each other talking.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from worker.commands import Command, Verb, command_in
from worker.evidence import plan
from worker.forges.base import Forge
from worker.jobs import ChangeRef, Remark
from worker.marks import is_ours
from worker.placing import Placed, placed
from worker.purpose import purpose
from worker.repo_config import Gate, Rules
from worker.suggestions import Candidate, blocks, candidates, overlaps, standing
from worker.types import Comment, Description, Judged

JUDGE = "judge"  # what a remark without a command asks for
MAX_BOT_ANSWERS = 20  # on one change
MAX_CANDIDATES = 12  # of one ask
LEFT_OUT = "without"  # in place of a remark's id: the snippet with some lines left out


@dataclass(frozen=True, slots=True)
class Nothing:
    """The remark gets no answer, for a reason that goes to the log."""

    reason: str


@dataclass(frozen=True, slots=True)
class Say:
    """What to do at once, and then to answer.

    about  fingerprint of the snippet that it is about, "" where it is about none
    known  the verdict that is there already, for `explain`
    """

    command: Command
    about: str = ""
    known: Judged | None = None


@dataclass(frozen=True, slots=True)
class Weigh:
    """Code to judge before there is an answer. `asked` is a verb, or JUDGE."""

    asked: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a remark was made.

    judged       what the newest review of the change says of its snippets
    bot_answers  remarks of other bots on this change that were answered
    """

    found: Description
    rules: Rules
    judged: tuple[Judged, ...] = ()
    bot_answers: int = 0


Plan = Nothing | Say | Weigh


def hear(remark: Remark, scene: Scene, *, forge: Forge) -> Plan:
    """What to do about `remark`. Raises the forge's Unavailable and Forbidden."""
    if is_ours(remark.body):
        return Nothing("our own words")
    if not scene.found.is_open:
        return Nothing("the change is closed")
    command = None if remark.is_bot else command_in(remark.body)
    if command is None:
        return _judge(remark, scene, forge)
    if not forge.may_write(remark.change, remark.author):
        return Nothing("only people with write access to the repository give commands")
    return PLANS.get(command.verb, _say)(command, remark, scene, forge)


def _judge(remark: Remark, scene: Scene, forge: Forge) -> Plan:
    """A verdict on what somebody suggests."""
    if not scene.rules.suggestions or scene.rules.gate is Gate.OFF:
        return Nothing("the repository's rules want no verdicts on suggestions")
    if remark.is_bot and scene.bot_answers >= MAX_BOT_ANSWERS:
        return Nothing(f"{MAX_BOT_ANSWERS} remarks of bots on this change were answered already")
    if not any(one.is_suggestion or remark.is_bot for one in blocks(remark.body)):
        return Nothing("no code is suggested")
    if not remark.path:
        return _weigh_elsewhere(remark, scene, forge)
    return _weigh(JUDGE, [remark], scene, forge) or Nothing("the code stands on no line")


def _weigh_elsewhere(remark: Remark, scene: Scene, forge: Forge) -> Plan:
    """A verdict on code that a program shows in a review's words, or under the change."""
    change = _now(remark, scene)
    held: dict[str, str | None] = {}

    def text_of(path: str) -> str | None:
        if path not in held:
            held[path] = forge.file(change, path, sha=change.head_sha)
        return held[path]

    found = placed(remark, scene.judged, text_of) if remark.is_bot else Placed((), ())
    known = _weigh(JUDGE, found.on_lines, scene, forge) if found.on_lines else None
    chosen = (*(known.candidates if known else ()), *found.alone)[:MAX_CANDIDATES]
    return Weigh(JUDGE, chosen) if chosen else Nothing("the code stands on no line")


def _rank(command: Command, remark: Remark, scene: Scene, forge: Forge) -> Plan:
    """Every suggestion on the lines of the remark, or on all lines that have several."""
    others = [one for one in forge.remarks(_now(remark, scene)) if _holds_code(one)]
    own = [remark] if remark.path and blocks(remark.body) else []
    near = [one for one in others if not remark.path or overlaps(one, remark)]
    listed = list({one.id: one for one in [*near, *own]}.values())
    chosen = listed if remark.path else [one for one in listed if _has_rival(one, listed)]
    return _weigh(Verb.RANK.value, chosen, scene, forge) or Say(command)


def _explain(command: Command, remark: Remark, scene: Scene, forge: Forge) -> Plan:
    """The lines that lower the verdict; those that are known already are not looked for again."""
    one = _subject(remark, scene, forge)
    if one is None or one.verdict.abstained or one.verdict.evidence:
        return Say(command, one.snippet.fingerprint if one else "", one)
    pieces = plan(one.snippet)
    if not pieces:
        return Say(command, one.snippet.fingerprint, one)
    without = tuple(
        Candidate(
            replace(piece.rest, start_line=piece.start_line, end_line=piece.end_line),
            remark_id=LEFT_OUT,
        )
        for piece in pieces
    )
    return Weigh(command.verb.value, (Candidate(one.snippet), *without))


def _about(command: Command, remark: Remark, scene: Scene, forge: Forge) -> Plan:
    """An opinion on one comment of ours."""
    ours = _comment_at(remark, forge.comments(_now(remark, scene)))
    return Say(command, ours.fingerprint if ours else "")


def _say(command: Command, remark: Remark, scene: Scene, forge: Forge) -> Plan:
    return Say(command)


Planner = Callable[[Command, Remark, Scene, Forge], Plan]
PLANS: Mapping[Verb, Planner] = {
    Verb.RANK: _rank,
    Verb.EXPLAIN: _explain,
    Verb.IGNORE: _about,
    Verb.ACCEPT: _about,
}


def _subject(remark: Remark, scene: Scene, forge: Forge) -> Judged | None:
    """The snippet of the comment that is answered; under the change, the worst one."""
    if not remark.path and not remark.thread:
        read = [one for one in scene.judged if not one.verdict.abstained]
        return min(read, key=lambda one: one.verdict.p_correct, default=None)
    ours = _comment_at(remark, forge.comments(_now(remark, scene)))
    wanted = ours.fingerprint if ours else ""
    return next((one for one in scene.judged if one.snippet.fingerprint == wanted), None)


def _now(remark: Remark, scene: Scene) -> ChangeRef:
    """The change at its newest head, which the delivery may not have named."""
    return replace(remark.change, head_sha=scene.found.head_sha)


def _comment_at(remark: Remark, comments: Sequence[Comment]) -> Comment | None:
    """Our comment in the remark's thread, known by its id or by its place."""
    by_id = [one for one in comments if remark.thread and one.id == remark.thread]
    by_place = [
        one
        for one in comments
        if remark.path == one.path
        and one.start_line <= remark.end_line
        and remark.start_line <= one.end_line
    ]
    return next(iter([*by_id, *by_place]), None)


def _weigh(asked: str, remarks: Sequence[Remark], scene: Scene, forge: Forge) -> Weigh | None:
    """The candidates in `remarks`, each group after the code as it stands; None without any."""
    found: list[Candidate] = []
    prompt = purpose(scene.found.title, scene.found.body)
    texts: dict[str, str | None] = {}
    for remark in sorted(remarks, key=lambda one: (one.path, one.start_line)):
        change = _now(remark, scene)
        if remark.path not in texts:
            texts[remark.path] = (
                forge.file(change, remark.path, sha=change.head_sha) if remark.path else None
            )
        text = texts[remark.path]
        if text is None:
            continue
        suggested = candidates(remark, text, prompt=prompt)
        now = standing(remark, text, prompt=prompt)
        known = {one.replaces for one in found}
        found += [now] if now and suggested and now.replaces not in known else []
        found += suggested
    return Weigh(asked, tuple(found[:MAX_CANDIDATES])) if found else None


def _holds_code(remark: Remark) -> bool:
    return any(one.is_suggestion or remark.is_bot for one in blocks(remark.body))


def _has_rival(remark: Remark, listed: Sequence[Remark]) -> bool:
    """Whether there is more than one candidate for the remark's lines."""
    shown = sum(one.is_suggestion for one in blocks(remark.body))
    return shown > 1 or any(one is not remark and overlaps(one, remark) for one in listed)
