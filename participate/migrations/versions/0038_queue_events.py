"""What happens in the queues of staff, for those who have one open."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_UNNUMBERED = sa.text("number IS NULL")


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "queue_events",
        sa.Column("id", identifier, nullable=False),
        sa.Column("queue", sa.String(16), nullable=False),
        sa.Column("number", sa.BigInteger()),
        sa.Column("numbered_at", moment),
        sa.Column("subject_id", identifier, nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("seen", json, nullable=False),
        sa.Column("shown", json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_events")),
    )
    op.create_index("uq_queue_events_queue_number", "queue_events", ["queue", "number"], unique=True)
    where: dict[str, Any] = {"sqlite_where": _UNNUMBERED, "postgresql_where": _UNNUMBERED}
    op.create_index("ix_queue_events_unnumbered", "queue_events", ["queue", "id"], **where)
    op.create_table(
        "queue_ends",
        sa.Column("queue", sa.String(16), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("queue", name=op.f("pk_queue_ends")),
    )


def downgrade() -> None:
    op.drop_table("queue_ends")
    op.drop_table("queue_events")
