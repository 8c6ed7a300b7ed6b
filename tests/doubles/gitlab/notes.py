"""Threads, notes and drafts of the stand-in of GitLab."""

from __future__ import annotations

from collections.abc import Sequence

from tests.doubles.gitlab import rules, shapes
from tests.doubles.gitlab.call import Answer, Call, paged
from tests.doubles.gitlab.rules import RefusedError
from tests.doubles.gitlab.state import Draft, Note


def discussions(call: Call) -> Answer:
    return paged(call, [shapes.discussion(one) for one in call.threads()])


def start_discussion(call: Call) -> Answer:
    said = call.say(call.body.get("body"), call.body.get("position"), is_thread=True)
    return shapes.discussion(said)


def resolve(call: Call) -> Answer:
    for one in call.threads():
        if one.id == call.named["thread"]:
            if one.individual:
                raise RefusedError(400, "400 Bad request")
            for each in one.notes:
                each.resolved = bool(call.body["resolved"])
                each.resolved_by = call.username if each.resolved else ""
            return shapes.discussion(one)
    raise RefusedError(404, "404 Discussion Not Found")


def answer_thread(call: Call) -> Answer:
    for one in call.threads():
        if one.id == call.named["thread"]:
            text = rules.check_text(call.body.get("body"))
            kind, position = one.notes[0].type, one.notes[0].position
            one.notes.append(Note(call.state.next_id(), text, call.username, position, kind))
            return shapes.note(one.notes[-1])
    raise RefusedError(404, "404 Discussion Not Found")


def add_note(call: Call) -> Answer:
    said = call.say(call.body.get("body"), None, is_thread=False)
    return shapes.note(said.notes[0])


def edit_note(call: Call) -> Answer:
    for one in (note for thread in call.threads() for note in thread.notes):
        if one.id == int(call.named["note"]):
            if one.author != call.username:
                raise RefusedError(403, "403 Forbidden")
            one.body = rules.check_text(call.body.get("body"))
            return shapes.note(one)
    raise RefusedError(404, "404 Note Not Found")


def drafts(call: Call) -> Answer:
    return [shapes.draft(one) for one in call.mine()]


def add_draft(call: Call) -> Answer:
    call.mine()
    text, position = rules.check_text(call.body.get("note")), call.body.get("position")
    if position is not None:
        call.check(position)
    made = Draft(
        call.state.next_id(), call.repo, call.change.iid, text, call.username, position,  # type: ignore[arg-type]
    )  # fmt: skip
    call.state.drafts.append(made)
    return shapes.draft(made)


def drop_draft(call: Call) -> Answer:
    call.state.drafts.remove(_draft(call))
    return None


def publish_draft(call: Call) -> Answer:
    _publish(call, [_draft(call)])
    return None


def publish_drafts(call: Call) -> Answer:
    _publish(call, call.mine())
    return None


def _draft(call: Call) -> Draft:
    for one in call.mine():
        if one.id == int(call.named["draft"]):
            return one
    raise RefusedError(404, "404 Not found")


def _publish(call: Call, chosen: Sequence[Draft]) -> None:
    for one in chosen:
        call.state.drafts.remove(one)
        call.say(one.note, one.position, is_thread=True)
