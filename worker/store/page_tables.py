"""The tables of the dashboard and of what feedback taught. Decides their shape; does no I/O."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table

from worker.store.tables import PlainText, UtcDateTime, metadata

# What a repository's labels made of its probabilities: one row per repository and judge.
adjustments = Table(
    "adjustments",
    metadata,
    Column("forge", String(20), primary_key=True),
    Column("repo", String(500), primary_key=True),
    Column("model", String(300), primary_key=True),
    Column("slope", Float, nullable=False),
    Column("intercept", Float, nullable=False),
    Column("labels", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("weight", Float, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

# The diff that a review read, so that a page can show both sides. Goes with its review.
diffs = Table(
    "diffs",
    metadata,
    Column("review_id", ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True),
    Column("body", LargeBinary, nullable=False),  # UTF-8 with lone surrogates, by zlib
)

# What happened to a review, in order.
review_events = Table(
    "review_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("review_id", ForeignKey("reviews.id", ondelete="CASCADE"), nullable=False),
    Column("event", String(40), nullable=False),
    Column("detail", PlainText, nullable=False, default=""),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "review_id"),
)

# Who may sign in to the dashboard without a forge.
admins = Table(
    "admins",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("password_hash", String(300), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# How far the gate of a repository may go, where somebody with rights there has lowered it.
gate_ceilings = Table(
    "gate_ceilings",
    metadata,
    Column("forge", String(20), primary_key=True),
    Column("repo", String(500), primary_key=True),
    Column("gate", String(20), nullable=False),  # worker.repo_config.Gate
    Column("set_by", String(200), nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
)

# Who is signed in to the dashboard: every receiver finds the session that another one opened.
sessions = Table(
    "sessions",
    metadata,
    Column("name_hash", String(64), primary_key=True),  # SHA-256: a copy of the table opens none
    Column("viewer", PlainText, nullable=False),  # JSON of bot.dashboard.access.Viewer
    Column("csrf", String(64), nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Index(None, "ends_at"),
)
