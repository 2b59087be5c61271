"""Which photos a check of the store has found without their files, or with others."""

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import create_index, drop_index

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DAMAGED = sa.text("damaged_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("photos", sa.Column("damaged_at", sa.DateTime(timezone=True)))
    create_index("ix_photos_damaged", "photos", ["damaged_at"], sqlite_where=DAMAGED, postgresql_where=DAMAGED)


def downgrade() -> None:
    drop_index("ix_photos_damaged", "photos")
    op.drop_column("photos", "damaged_at")
