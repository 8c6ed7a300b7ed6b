"""The table of groups in merge queues. Decides the shape of what is kept; does no I/O."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, UniqueConstraint

from worker.store.tables import PlainText, UtcDateTime, metadata

# A group whose head waits for our check: one row per group, answered once.
merge_groups = Table(
    "merge_groups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(700), nullable=False),  # GroupRef.key
    Column("installation_id", BigInteger),
    Column("delivery_id", String(200), nullable=False),
    Column("state", String(20), nullable=False),  # worker.store.groups.GroupState
    Column("reason", PlainText, nullable=False, default=""),
    Column("postponed", Integer, nullable=False, default=0),
    Column("due_at", UtcDateTime),  # the sweep sends it again then; NULL: nothing left to do
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("key"),
    Index(None, "due_at"),
)
