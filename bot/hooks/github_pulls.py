"""Decide which events of a pull request bring code to judge. No I/O."""

from __future__ import annotations

from bot.hooks.fields import inner_or_empty, shown
from bot.hooks.github_sender import Sent
from worker.jobs import Ignored, ReviewJob

# Actions of `pull_request` after which there is new code to judge.
REVIEWED = frozenset({"opened", "synchronize", "reopened", "ready_for_review"})
REASONS = {
    "closed": "the pull request is closed: nobody waits for a review",
    "converted_to_draft": "the pull request is a draft now: its head keeps the review that it has",
}


def pull_request(sent: Sent) -> ReviewJob | Ignored:
    """A review of the head; once more where the base is another one, since the diff then is."""
    action = sent.action
    has_new_base = action == "edited" and bool(
        inner_or_empty(inner_or_empty(sent.delivery, "changes"), "base")
    )
    if action in REVIEWED or has_new_base:
        return ReviewJob(
            change=sent.pull(),
            delivery_id=sent.id,
            event=sent.name,
            installation_id=sent.installation_id,
            is_again=has_new_base,
        )
    if action in REASONS:
        return Ignored(REASONS[action])
    return Ignored(f"the action {shown(action)} of pull_request brings no new code")
