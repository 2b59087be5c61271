"""Webhooks: machines that hear the public steps of an area or a unit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        "webhooks",
        sa.Column("id", identifier, nullable=False),
        sa.Column("owner_id", identifier, nullable=False),
        sa.Column("area", sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")),
        sa.Column("unit", identifier),
        sa.Column("kinds", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("failing_since", moment),
        sa.Column("disabled_at", moment),
        sa.Column("disabled_why", sa.String(40)),
        sa.CheckConstraint("(area IS NULL) <> (unit IS NULL)", name=op.f("ck_webhooks_one_scope")),
        sa.ForeignKeyConstraint(["id"], ["accounts.id"], name=op.f("fk_webhooks_id_accounts")),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_webhooks_owner_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index("ix_webhooks_owner_id", "webhooks", ["owner_id", "id"])
    op.create_index("ix_webhooks_area", "webhooks", ["area"])
    op.create_index("ix_webhooks_unit", "webhooks", ["unit"])


def downgrade() -> None:
    op.drop_table("webhooks")
