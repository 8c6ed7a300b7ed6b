"""Which code of a change agents wrote, and what a candidate was given by all labels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("review_notes", sa.Column("by_agents", sa.Text()))
    op.add_column("candidates", sa.Column("p_global", sa.Float()))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("candidates") as candidates:
        candidates.drop_column("p_global")
    with op.batch_alter_table("review_notes") as notes:
        notes.drop_column("by_agents")
