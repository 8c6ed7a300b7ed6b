"""Turns: who is begun first, and what a claim found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("reviews", sa.Column("turn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "reviews",
        sa.Column("check_was_open", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute("UPDATE reviews SET turn_at = created_at")
    with op.batch_alter_table("reviews") as table:
        table.alter_column("turn_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        table.alter_column("check_was_open", existing_type=sa.Boolean(), server_default=None)
    op.create_index(op.f("ix_reviews_state_turn_at"), "reviews", ["state", "turn_at"])
    op.create_index(op.f("ix_reviews_busy_until"), "reviews", ["busy_until"])
    op.create_index(op.f("ix_reviews_updated_at"), "reviews", ["updated_at"])
    op.create_index("ix_reviews_repository_turn", "reviews", ["forge", "repo", "state", "turn_at"])
    op.create_index(
        "ix_reviews_installation_turn", "reviews", ["installation_id", "state", "turn_at"]
    )


def downgrade() -> None:
    """Go back."""
    for name in (
        "ix_reviews_installation_turn",
        "ix_reviews_repository_turn",
        op.f("ix_reviews_updated_at"),
        op.f("ix_reviews_busy_until"),
        op.f("ix_reviews_state_turn_at"),
    ):
        op.drop_index(name, table_name="reviews")
    with op.batch_alter_table("reviews") as table:
        table.drop_column("check_was_open")
        table.drop_column("turn_at")
