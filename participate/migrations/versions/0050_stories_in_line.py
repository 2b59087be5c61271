"""What is told of one story is told in its order, however many workers tell it."""

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import create_index, drop_index

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_NAME, _TABLE = "ix_outbox_errands_line", "outbox_errands"
_IN_LINE = sa.text("line IS NOT NULL")


def upgrade() -> None:
    for column in ("line", "place"):
        op.add_column(_TABLE, sa.Column(column, sa.Uuid(as_uuid=False)))
    create_index(_NAME, _TABLE, ["subscriber", "line", "place"], sqlite_where=_IN_LINE, postgresql_where=_IN_LINE)


def downgrade() -> None:
    drop_index(_NAME, _TABLE)
    for column in ("place", "line"):
        op.drop_column(_TABLE, column)
