"""Holders hear in time that their time runs out, and who has passed a case up hears what is done about it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("warned", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("cases", sa.Column("feedback_due_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("cases", "feedback_due_at")
    op.drop_column("cases", "warned")
