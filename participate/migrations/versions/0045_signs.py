"""When somebody first took part in a consultation, and a hash of whence, for as long as it is kept."""

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import create_index

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("participants", sa.Column("at", sa.DateTime(timezone=True)))
    op.add_column("participants", sa.Column("address", sa.String(32)))
    held = sa.text("address IS NOT NULL")
    create_index("ix_participants_address", "participants", ["at"], sqlite_where=held, postgresql_where=held)


def downgrade() -> None:
    op.drop_index("ix_participants_address", table_name="participants")
    op.drop_column("participants", "address")
    op.drop_column("participants", "at")
