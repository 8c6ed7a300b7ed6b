"""One request to the stand-in of GitLab, and what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from tests.doubles.gitlab import rules
from tests.doubles.gitlab.rules import RefusedError
from tests.doubles.gitlab.shapes import Json
from tests.doubles.gitlab.state import Change, Discussion, Draft, Note, State

DRAFTS, RAW_DIFFS, FILE_POSITIONS, STATUS_CHECKS, SKIPPED = (
    "drafts", "raw_diffs", "file_positions", "status_checks", "skipped",
)  # fmt: skip
NEWEST = frozenset({DRAFTS, RAW_DIFFS, FILE_POSITIONS, STATUS_CHECKS, SKIPPED})

Answer = Json | list[Json] | Response | None


@dataclass
class Call:
    """One request on one project or merge request."""

    state: State
    request: Request
    username: str
    features: frozenset[str]
    named: dict[str, str]

    @property
    def repo(self) -> str:
        return self.named["repo"]

    @property
    def change(self) -> Change:
        found = self.state.changes.get((self.repo, int(self.named["iid"])))
        if found is None:
            raise RefusedError(404, "404 Not found")
        return found

    @property
    def body(self) -> Json:
        sent = self.request.get_json(force=True, silent=True)
        return sent if isinstance(sent, dict) else {}

    def needs(self, feature: str) -> None:
        if feature not in self.features:
            raise RefusedError(404, "404 Not Found")

    def mine(self) -> list[Draft]:
        self.needs(DRAFTS)
        key = (self.repo, self.change.iid, self.username)
        return [one for one in self.state.drafts if (one.repo, one.iid, one.author) == key]

    def threads(self) -> list[Discussion]:
        key = (self.repo, self.change.iid)
        return [one for one in self.state.discussions if (one.repo, one.iid) == key]

    def say(self, text: object, position: object, *, is_thread: bool) -> Discussion:
        """A new thread, or a note that stands alone."""
        if position is not None:
            self.check(position)
        kind = ("DiffNote" if position else "DiscussionNote") if is_thread else None
        note = Note(
            self.state.next_id(), rules.check_text(text), self.username, position, kind,  # type: ignore[arg-type]
        )  # fmt: skip
        said = Discussion(
            self.state.next_discussion_id(), self.repo, self.change.iid, [note], not is_thread
        )
        self.state.discussions.append(said)
        return said

    def check(self, position: object) -> None:
        rules.check_position(
            self.change, position, has_file_positions=FILE_POSITIONS in self.features
        )


def paged(call: Call, items: Sequence[Json]) -> Answer:
    size = min(max(call.request.args.get("per_page", 20, int), 1), 100)
    page = max(call.request.args.get("page", 1, int), 1)
    return list(items[(page - 1) * size : page * size])
