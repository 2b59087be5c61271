"""Whom the dispatcher named upon an objection does not object; another who gets it from them may, and it goes up."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("designated", sa.Boolean(), nullable=False, server_default=sa.false()))
    cases = sa.table("cases", sa.column("objected", sa.Boolean()), sa.column("designated", sa.Boolean()))
    op.execute(sa.update(cases).where(cases.c.objected).values(designated=sa.true()))


def downgrade() -> None:
    op.drop_column("cases", "designated")
