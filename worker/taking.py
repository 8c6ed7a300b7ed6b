"""Acts: claims the review whose turn it is, or the one that a message names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from worker.desk import Desk
from worker.store import claims
from worker.store.reviews import StoredReview
from worker.types import State


def take(
    desk: Desk,
    states: Sequence[State],
    review_id: int,
    *,
    is_shared: bool,
    is_exclusive: bool,
    is_forced: bool,
    later: Callable[[float], None],
) -> StoredReview | None:
    """The claimed row, None where nothing is to do.

    is_shared     any review that stands in `states` may be taken in place of the one that is named
    is_exclusive  of the one that is named, no other worker may begin meanwhile
    is_forced     whoever held the one that is named is dead
    later         is called, with seconds to wait, where the one that is named waits for its
                  installation's limit
    """
    lease_s = desk.patience.lease_s
    begin = partial(claims.begin, desk.engine, review_id, states, lease_s=lease_s)
    if desk.turns is None or not is_shared:
        return begin(now=desk.clock(), is_exclusive=is_exclusive)
    row = claims.begin_next(
        desk.engine,
        states,
        now=desk.clock(),
        lease_s=lease_s,
        per_installation=desk.turns.per_installation,
    )
    if row is None and is_forced:
        row = begin(now=desk.clock(), is_exclusive=True, is_forced=True)
    if row is not None:
        return row
    waiting = claims.waiting_beside(desk.engine, review_id, states, now=desk.clock())
    if waiting:
        later(desk.patience.until_place(waiting, at_once=desk.turns.per_installation))
    return None
