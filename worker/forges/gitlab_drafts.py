"""Act on draft notes: written one by one, seen by nobody, and published together."""

from __future__ import annotations

from collections.abc import Mapping

from worker.forges.gitlab_answers import Draft
from worker.forges.gitlab_api import GitLabApi
from worker.forges.gitlab_diffs import merge_request
from worker.forges.gitlab_errors import Refused
from worker.forges.gitlab_positions import Body
from worker.jobs import ChangeRef
from worker.marks import fingerprint_in

ABSENT = frozenset({403, 404, 405})  # older than GitLab 15.10, or not for this token


class Drafts:
    """Our pending notes on a merge request. GitLab shows each user their own alone."""

    def __init__(self, api: GitLabApi) -> None:
        self._api = api

    def publish(self, change: ChangeRef, notes: Mapping[str, Body]) -> None:
        """Publish the notes together, and whatever of them an interrupted call left pending.

        notes  body and position by fingerprint. One that GitLab refuses is left out, and so
               are all of them where there are no drafts: the caller looks what arrived
        """
        path = f"{merge_request(change)}/draft_notes"
        try:
            pending = self._api.all(path, Draft)
            wanted = self._renew(path, pending, notes)
        except Refused as error:
            if error.status not in ABSENT:
                raise
            return
        # Publishing all at once would publish what a person has pending under the same token.
        foreign = [draft for draft in pending if not fingerprint_in(draft.note)]
        if not wanted or (not foreign and self._all_at_once(path)):
            return
        for draft_id in wanted:
            self._publish_one(path, draft_id)

    def _renew(self, path: str, pending: list[Draft], notes: Mapping[str, Body]) -> list[int]:
        """Ids of a draft for each note; drafts of ours that an interrupted call left are gone."""
        for draft in pending:
            if fingerprint_in(draft.note):
                self._api.do("DELETE", f"{path}/{draft.id}")
        created = (self._create(path, body) for body in notes.values())
        return [draft_id for draft_id in created if draft_id is not None]

    def _create(self, path: str, body: Body) -> int | None:
        """The id of a new draft, or None where GitLab refuses its position."""
        said = {"note": body["body"], **{k: v for k, v in body.items() if k != "body"}}
        try:
            return self._api.send("POST", path, Draft, said).id
        except Refused as error:
            if error.status not in {400, 422}:
                raise
            return None

    def _all_at_once(self, path: str) -> bool:
        try:
            self._api.do("POST", f"{path}/bulk_publish")
        except Refused:
            return False
        return True

    def _publish_one(self, path: str, draft_id: int) -> None:
        """Publish a draft, or take it back, so that nobody finds it pending later."""
        try:
            self._api.do("PUT", f"{path}/{draft_id}/publish")
        except Refused:
            self._api.do("DELETE", f"{path}/{draft_id}")
