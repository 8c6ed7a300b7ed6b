"""Act on the threads of a merge request: find ours, post comments together, resolve old ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from judge.diff import FileDiff
from worker.forges.gitlab_answers import Discussion, Note, Version
from worker.forges.gitlab_api import GitLabApi
from worker.forges.gitlab_diffs import merge_request
from worker.forges.gitlab_drafts import Drafts
from worker.forges.gitlab_errors import Refused
from worker.forges.gitlab_positions import (
    Body,
    on_file,
    on_lines,
    words_elsewhere,
    words_on_lines,
)
from worker.jobs import ChangeRef
from worker.marks import fingerprint_in
from worker.programs import is_program
from worker.types import Comment

REFUSED_POSITION = frozenset({400, 422})  # "line_code can't be blank" and its like


class Threads:
    """Threads of ours: told by a hidden last line, and by their author.

    The author counts because anybody can write the hidden line: without it, the author of a
    change could make a note pass for a comment that already stands.
    """

    def __init__(self, api: GitLabApi, *, whoami: Callable[[], str]) -> None:
        self._api = api
        self._whoami = whoami
        self._drafts = Drafts(api)

    def discussions(self, change: ChangeRef) -> Sequence[Discussion]:
        """Every thread and single note, the oldest first."""
        return tuple(self._api.pages(f"{merge_request(change)}/discussions", Discussion))

    def ours(self, discussions: Iterable[Discussion]) -> tuple[Comment, ...]:
        """Our comments, which open a thread each."""
        threads = (one.notes for one in discussions if one.notes)
        return tuple(
            self._told(first, replies) for first, *replies in threads if self._is_ours(first)
        )

    def _told(self, first: Note, replies: Sequence[Note]) -> Comment:
        """A comment of ours, with who closed its thread; nobody where we or a program did."""
        closer = first.resolved_by.username if first.resolved and first.resolved_by else ""
        if not closer or closer == self._whoami() or is_program(closer):
            return _comment(first)
        said = (note.body for note in reversed(replies) if self._is_a_persons(note))
        return replace(_comment(first), closed_by=closer, closed_words=next(said, ""))

    def _is_a_persons(self, note: Note) -> bool:
        who = note.author.username if note.author else ""
        return not note.system and who != self._whoami() and not is_program(who)

    def post(
        self,
        change: ChangeRef,
        comments: Sequence[Comment],
        *,
        files: Mapping[str, FileDiff],
        version: Version,
    ) -> None:
        """Post `comments` together: as drafts that are published at once, where GitLab has
        drafts. What does not arrive so is posted by itself, at worst on no line: a comment is
        never lost."""
        ways = {one.fingerprint: _ways(one, files.get(one.path), version) for one in comments}
        self._drafts.publish(change, {key: next(way) for key, way in ways.items()})
        arrived = {one.fingerprint for one in self.ours(self.discussions(change))}
        for comment in comments:
            if comment.fingerprint not in arrived:
                self._post_alone(change, comment, files.get(comment.path), version)

    def resolve(self, change: ChangeRef, discussions: Iterable[Discussion], ids: set[str]) -> None:
        """Close the threads that the comments with `ids` opened, where they are open."""
        for one in discussions:
            note = one.notes[0] if one.notes else None
            if note is None or str(note.id) not in ids or not note.resolvable or note.resolved:
                continue
            self._only_if_allowed("PUT", f"{merge_request(change)}/discussions/{one.id}")

    def _only_if_allowed(self, verb: str, path: str) -> None:
        try:
            self._api.do(verb, path, {"resolved": True})
        except Refused as error:  # a thread left open is no reason to lose the review
            if error.status not in {400, 403, 404}:
                raise

    def _post_alone(
        self, change: ChangeRef, comment: Comment, file: FileDiff | None, version: Version
    ) -> None:
        """A thread on its lines, else on its file, else on none."""
        path = f"{merge_request(change)}/discussions"
        for body in _ways(comment, file, version):
            try:
                self._api.send("POST", path, Discussion, body)
                return
            except Refused as error:
                if error.status not in REFUSED_POSITION or "position" not in body:
                    raise

    def _is_ours(self, note: Note) -> bool:
        if note.system or not fingerprint_in(note.body) or note.author is None:
            return False
        return note.author.username == self._whoami()


def _ways(comment: Comment, file: FileDiff | None, version: Version) -> Iterator[Body]:
    """The ways to say a comment, the best first; the last one has no position to refuse."""
    position = on_lines(comment, file, version) if file else None
    if position is not None:
        yield {"body": words_on_lines(comment), "position": position}
    if file is not None:
        yield {"body": words_elsewhere(comment), "position": on_file(file, version)}
    yield {"body": words_elsewhere(comment)}


def _comment(note: Note) -> Comment:
    position = note.position
    end = (position.new_line if position else None) or 1
    edge = position.line_range.start if position and position.line_range else None
    start = (edge.new_line if edge else None) or end
    return Comment(
        path=(position.new_path if position else None) or "",
        start_line=min(start, end),
        end_line=end,
        body=note.body,
        fingerprint=fingerprint_in(note.body),
        id=str(note.id),
        is_resolved=note.resolved,
    )
