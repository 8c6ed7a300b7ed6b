"""The tables, as SQLAlchemy sees them. Decides the shape of what is kept; does no I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always with its zone in Python and always UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC; SQLite keeps no zone, so it is left out there."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone: pass datetime.now(UTC)")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment with UTC as its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class CodeText(TypeDecorator[str]):
    """Text from a change, exactly: as bytes, since NUL and lone surrogates fit no text column."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """UTF-8, with lone surrogates passed through."""
        return None if value is None else value.encode("utf-8", "surrogatepass")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """The text as it was given."""
        return None if value is None else bytes(value).decode("utf-8", "surrogatepass")


class PlainText(TypeDecorator[str]):
    """A sentence for people; what no text column can hold is replaced by U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text without NUL and lone surrogates."""
        if value is None:
            return None
        clean = value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        return clean.replace("\0", "\ufffd")


class JsonList(TypeDecorator[tuple[T, ...]]):
    """A short tuple of numbers or strings, as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[T, ...] | None, dialect: Dialect) -> str | None:
        """JSON, ASCII only."""
        return None if value is None else json.dumps(list(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[T, ...] | None:
        """The tuple."""
        return None if value is None else tuple(json.loads(value))


# Constraints get names, so that a migration can drop them on every database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# One row per change and head: the unit of work. Its state moves by one arrow at a time.
reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(700), nullable=False),  # ChangeRef.key
    Column("forge", String(20), nullable=False),
    Column("repo", String(500), nullable=False),
    Column("number", Integer, nullable=False),
    Column("head_sha", String(64), nullable=False),
    Column("installation_id", BigInteger),
    Column("state", String(20), nullable=False),  # worker.types.State
    Column("reason", PlainText, nullable=False, default=""),
    Column("conclusion", String(20), nullable=False, default=""),  # worker.types.Conclusion
    # what the stage that runs now needs
    Column("attempts", Integer, nullable=False, default=0),  # starts that never came back
    Column("postponed", Integer, nullable=False, default=0),  # times the forge was unavailable
    Column("sends", Integer, nullable=False, default=0),  # times the sweep sent it again
    Column("busy_until", UtcDateTime),  # a worker holds the row until then
    Column("due_at", UtcDateTime),  # the sweep sends it again then; NULL: nothing left to do
    Column("turn_at", UtcDateTime, nullable=False),  # worker.turns: the earliest is begun first
    # what earlier stages found out
    Column("base_sha", String(64), nullable=False, default=""),
    Column("title", PlainText, nullable=False, default=""),
    Column("rules", CodeText),  # text of .gavel.toml at base_sha, NULL where there is none
    Column("check_open", Boolean, nullable=False, default=False),  # announced, not concluded
    Column("check_was_open", Boolean, nullable=False, default=False),  # when last claimed
    # what was posted
    Column("forge_review_id", String(100), nullable=False, default=""),
    Column("check_id", String(100), nullable=False, default=""),
    Column("comment_ids", JsonList[str](), nullable=False, default=()),
    # seconds of work, NULL until done
    Column("prepare_s", Float),
    Column("score_s", Float),
    Column("publish_s", Float),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("key"),
    Index(None, "forge", "repo", "number"),
    Index(None, "due_at"),
    Index(None, "state", "turn_at"),
    Index(None, "busy_until"),
    Index(None, "updated_at"),
    Index("ix_reviews_repository_turn", "forge", "repo", "state", "turn_at"),
    Index("ix_reviews_installation_turn", "installation_id", "state", "turn_at"),
    # what the pages read, newest first
    Index(None, "forge", "repo", "id"),
    Index(None, "state", "id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("forge", String(20), nullable=False),
    Column("delivery_id", String(200), nullable=False),
    Column("event", String(200), nullable=False),
    Column("review_id", ForeignKey("reviews.id", ondelete="CASCADE"), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    UniqueConstraint("forge", "delivery_id"),
    Index(None, "review_id"),
)


def judged_columns() -> list[Column[object]]:
    """The columns of a snippet and of its verdict, for each table that keeps snippets."""
    return [
        Column("path", CodeText, nullable=False),
        Column("language", String(40), nullable=False),
        Column("start_line", Integer, nullable=False),
        Column("end_line", Integer, nullable=False),
        Column("code", CodeText, nullable=False),
        Column("kind", String(20), nullable=False),  # judge.types.SnippetKind
        Column("name", CodeText, nullable=False),
        Column("prompt", CodeText, nullable=False),
        Column("changed_lines", JsonList[int](), nullable=False),
        Column("diff", CodeText, nullable=False),
        # the verdict, NULL until judged
        Column("p_correct", Float),
        Column("logit", Float),
        Column("model", String(300)),
        Column("abstained", Boolean),
        Column("verdict_reason", PlainText),
        Column("p_global", Float),  # before what the repository taught; NULL: the same as p_correct
    ]


snippets = Table(
    "snippets",
    metadata,
    Column("review_id", ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),  # 0-based, in the order of the diff
    *judged_columns(),
    Column("fingerprint", String(16), nullable=False),
    Index(None, "fingerprint"),
)

skipped = Table(
    "skipped",
    metadata,
    Column("review_id", ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("path", CodeText, nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("is_code", Boolean, nullable=False),
)

# What people said of our comments: one row per delivery, a training label later.
feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("forge", String(20), nullable=False),
    Column("delivery_id", String(200), nullable=False),
    Column("repo", String(500), nullable=False),
    Column("number", Integer, nullable=False),
    Column("fingerprint", String(16), nullable=False),
    Column("signal", String(40), nullable=False),  # worker.store.feedback.Signal
    Column("received_at", UtcDateTime, nullable=False),
    Column("author", String(200), nullable=False, default=""),  # of the signal; "" is history
    Column("is_own", Boolean, nullable=False, default=False),  # by the author of the change
    Column("reason", PlainText, nullable=False, default=""),
    # somebody took it back on the dashboard: it teaches nothing any more
    Column("undone_at", UtcDateTime),
    Column("undone_by", String(200), nullable=False, default=""),
    UniqueConstraint("forge", "delivery_id"),
    Index(None, "fingerprint"),
    Index(None, "forge", "repo", "id"),
)

# What the judge said of a text, so that it is never asked twice. Any row may be lost.
remembered = Table(
    "remembered",
    metadata,
    Column("key", String(64), primary_key=True),  # hash of judge and text: worker.remembering
    Column("p_correct", Float, nullable=False),
    Column("logit", Float, nullable=False),
    Column("model", String(300), nullable=False),
    Column("abstained", Boolean, nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    Index(None, "used_at"),
)

# What each account wrote to its forge lately and was told by it. Any row may be lost.
paces = Table(
    "paces",
    metadata,
    Column("account", String(64), primary_key=True),  # hash of the forge and who we are there
    Column("past", PlainText, nullable=False),  # worker.forges.pace.Past
)

# Columns of a review whose next stage nobody has tried yet.
UNTRIED: Mapping[str, int | None] = {
    "attempts": 0,
    "postponed": 0,
    "sends": 0,
    "busy_until": None,
}
