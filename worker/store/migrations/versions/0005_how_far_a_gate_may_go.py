"""How far the gate of a repository may go, as somebody set it on the dashboard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "gate_ceilings",
        sa.Column("forge", sa.String(length=20), nullable=False),
        sa.Column("repo", sa.String(length=500), nullable=False),
        sa.Column("gate", sa.String(length=20), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("forge", "repo", name=op.f("pk_gate_ceilings")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("gate_ceilings")
