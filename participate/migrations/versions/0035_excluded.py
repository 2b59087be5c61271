"""A case knows whether it was taken out of the figures; null where that is told by its mark alone."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("excluded", sa.Boolean()))


def downgrade() -> None:
    op.drop_column("cases", "excluded")
