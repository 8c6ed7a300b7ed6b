"""What the dashboard shows and what feedback teaches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("feedback") as feedback:
        feedback.add_column(
            sa.Column("author", sa.String(length=200), nullable=False, server_default="")
        )
        feedback.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
        feedback.add_column(
            sa.Column("is_own", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        feedback.add_column(sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
        feedback.add_column(
            sa.Column("undone_by", sa.String(length=200), nullable=False, server_default="")
        )
    op.create_index(op.f("ix_feedback_forge_repo_id"), "feedback", ["forge", "repo", "id"])
    op.add_column("snippets", sa.Column("p_global", sa.Float(), nullable=True))
    op.create_index(op.f("ix_snippets_fingerprint"), "snippets", ["fingerprint"])
    op.create_index(op.f("ix_reviews_forge_repo_id"), "reviews", ["forge", "repo", "id"])
    op.create_index(op.f("ix_reviews_state_id"), "reviews", ["state", "id"])
    op.create_table(
        "adjustments",
        sa.Column("forge", sa.String(length=20), nullable=False),
        sa.Column("repo", sa.String(length=500), nullable=False),
        sa.Column("model", sa.String(length=300), nullable=False),
        sa.Column("slope", sa.Float(), nullable=False),
        sa.Column("intercept", sa.Float(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("forge", "repo", "model", name=op.f("pk_adjustments")),
    )
    op.create_table(
        "diffs",
        _review_id(),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _to_review("diffs"),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_diffs")),
    )
    op.create_table(
        "review_events",
        sa.Column("id", sa.Integer(), nullable=False),
        _review_id(),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _to_review("review_events"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_events")),
    )
    op.create_index(op.f("ix_review_events_review_id"), "review_events", ["review_id"])
    op.create_table(
        "admins",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_admins")),
    )


def downgrade() -> None:
    """Go back."""
    for table in ("admins", "review_events", "diffs", "adjustments"):
        op.drop_table(table)
    op.drop_index(op.f("ix_reviews_state_id"), "reviews")
    op.drop_index(op.f("ix_reviews_forge_repo_id"), "reviews")
    op.drop_index(op.f("ix_snippets_fingerprint"), "snippets")
    op.drop_column("snippets", "p_global")
    op.drop_index(op.f("ix_feedback_forge_repo_id"), "feedback")
    with op.batch_alter_table("feedback") as feedback:
        for column in ("undone_by", "undone_at", "is_own", "reason", "author"):
            feedback.drop_column(column)


def _review_id() -> sa.Column[int]:
    return sa.Column("review_id", sa.Integer(), nullable=False)


def _to_review(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["review_id"],
        ["reviews.id"],
        name=op.f(f"fk_{table}_review_id_reviews"),
        ondelete="CASCADE",
    )
