"""Groups in merge queues that wait for our check."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "merge_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(700), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=True),
        sa.Column("delivery_id", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("postponed", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_groups")),
        sa.UniqueConstraint("key", name=op.f("uq_merge_groups_key")),
    )
    op.create_index(op.f("ix_merge_groups_due_at"), "merge_groups", ["due_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_index(op.f("ix_merge_groups_due_at"), table_name="merge_groups")
    op.drop_table("merge_groups")
