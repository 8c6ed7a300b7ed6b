"""What each account wrote to its forge lately, and until when the forge asked for peace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "paces",
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("past", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("paces")
