"""Verdicts by the hash of judge and text, so that nothing is judged twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "remembered",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("p_correct", sa.Float(), nullable=False),
        sa.Column("logit", sa.Float(), nullable=False),
        sa.Column("model", sa.String(length=300), nullable=False),
        sa.Column("abstained", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_remembered")),
    )
    op.create_index(op.f("ix_remembered_used_at"), "remembered", ["used_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("remembered")
