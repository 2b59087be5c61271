"""Devices that are told by web push."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    identifier = sa.Uuid(as_uuid=False)
    op.create_table(
        "push_devices",
        sa.Column("id", identifier, nullable=False),
        sa.Column("account_id", identifier, nullable=False),
        sa.Column("endpoint", sa.String(500), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("p256dh", sa.String(100), nullable=False),
        sa.Column("auth", sa.String(30), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_key", identifier),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_push_devices_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_devices")),
        sa.UniqueConstraint("digest", name=op.f("uq_push_devices_digest")),
    )
    op.create_index("ix_push_devices_account_id", "push_devices", ["account_id", "id"])


def downgrade() -> None:
    op.drop_table("push_devices")
