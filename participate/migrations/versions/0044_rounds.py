"""Rounds of a consultation, its invited sides, and to which of these whoever stated or voted belonged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_STATES = ("planned", "announced", "open", "over", "cancelled", "dropped")


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("consultations", sa.Column("sides", json, nullable=False, server_default="[]"))
    op.add_column("consultations", sa.Column("parts", json))
    op.add_column("consultations", sa.Column("rounds", sa.Integer(), nullable=False, server_default="0"))
    # Whoever stated or voted before any side was named belonged to none.
    op.add_column("statements", sa.Column("sides", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("votes", sa.Column("sides", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "consultation_rounds",
        sa.Column("id", identifier, nullable=False),
        sa.Column("consultation_id", identifier, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("notice_at", moment, nullable=False),
        sa.Column("opens_at", moment, nullable=False),
        sa.Column("closes_at", moment, nullable=False),
        sa.Column("invited_only", sa.Boolean(), nullable=False),
        sa.Column("papers", json, nullable=False),
        sa.CheckConstraint(f"state IN {_STATES!r}", name=op.f("ck_consultation_rounds_state")),
        sa.CheckConstraint("notice_at < opens_at AND opens_at < closes_at", name=op.f("ck_consultation_rounds_order")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultations.id"], name=op.f("fk_consultation_rounds_consultation_id_consultations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_rounds")),
    )
    op.create_index(
        "ix_consultation_rounds_consultation_id", "consultation_rounds", ["consultation_id", "opens_at", "id"]
    )


def downgrade() -> None:
    op.drop_table("consultation_rounds")
    for table in ("votes", "statements"):
        op.drop_column(table, "sides")
    for column in ("rounds", "parts", "sides"):
        op.drop_column("consultations", column)
