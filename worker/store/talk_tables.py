"""The tables of the conversation on a change. Decides the shape of what is kept; does no I/O."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from worker.store.tables import CodeText, JsonList, PlainText, UtcDateTime, judged_columns, metadata

# What somebody asked in words: one row per remark that wants an answer.
asks = Table(
    "asks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("forge", String(20), nullable=False),
    Column("repo", String(500), nullable=False),
    Column("number", Integer, nullable=False),
    Column("head_sha", String(64), nullable=False, default=""),
    Column("installation_id", BigInteger),
    Column("delivery_id", String(200), nullable=False),
    Column("event", String(200), nullable=False),
    Column("comment_id", String(200), nullable=False),
    Column("thread", String(200), nullable=False),
    Column("author", String(200), nullable=False),
    Column("is_bot", Boolean, nullable=False),
    Column("body", CodeText, nullable=False),
    Column("path", CodeText, nullable=False),
    Column("start_line", Integer, nullable=False),
    Column("end_line", Integer, nullable=False),
    Column("state", String(20), nullable=False),  # worker.store.asks.AskState
    Column("asked", String(20), nullable=False, default=""),  # the command, or "judge"
    Column("reason", PlainText, nullable=False, default=""),
    Column("answer_id", String(200), nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("postponed", Integer, nullable=False, default=0),
    Column("sends", Integer, nullable=False, default=0),
    Column("busy_until", UtcDateTime),  # a worker holds the row until then
    Column("due_at", UtcDateTime),  # the sweep sends it again then; NULL: nothing left to do
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("forge", "delivery_id"),
    Index(None, "due_at"),
    Index(None, "forge", "repo", "number"),
)

# Code that somebody suggests, as it would stand in the file.
candidates = Table(
    "candidates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ask_id", ForeignKey("asks.id", ondelete="CASCADE")),
    Column("position", Integer, nullable=False),
    Column("author", String(200), nullable=False),  # "" for the code as it stands
    Column("remark_id", String(200), nullable=False),
    Column("replaces", String(16), nullable=False),  # fingerprint of what it would change, or ""
    Column("replacement", CodeText, nullable=False),
    *judged_columns(),
    Index(None, "ask_id"),
)

# The last rules of a repository that could be read: what holds while the newest cannot.
good_rules = Table(
    "good_rules",
    metadata,
    Column("forge", String(20), primary_key=True),
    Column("repo", String(500), primary_key=True),
    Column("text", CodeText, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

# Changes whose reviews somebody paused.
pauses = Table(
    "pauses",
    metadata,
    Column("forge", String(20), primary_key=True),
    Column("repo", String(500), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("author", String(200), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

# What a review has to say besides its verdicts.
review_notes = Table(
    "review_notes",
    metadata,
    Column("review_id", ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True),
    Column("rules_problem", PlainText, nullable=False),  # why older rules are used, or ""
    Column("agents", JsonList[str](), nullable=False),  # names of agents that wrote commits
    Column("author", String(200), nullable=False),  # of the change
    # fingerprints of the snippets that agents wrote; NULL: all of them, where there are agents
    Column("by_agents", JsonList[str]()),
)

# How P(correct) of a snippet rises when some of its lines are left out.
evidence = Table(
    "evidence",
    metadata,
    Column("review_id", ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),  # of the snippet in its review
    Column("start_line", Integer, primary_key=True),  # 1-based, new side
    Column("end_line", Integer, nullable=False),
    Column("p_without", Float, nullable=False),
)
