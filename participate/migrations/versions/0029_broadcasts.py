"""Notices to an area, and who follows a cell in it, in the order in which they are told."""

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import create_index, drop_index

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_STATES = ("waiting", "sending", "sent", "refused", "stopped")


def _code(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    identifier = sa.Uuid(as_uuid=False)
    op.create_table(
        "broadcasts",
        sa.Column("id", identifier, nullable=False),
        sa.Column("author_id", identifier, nullable=False),
        sa.Column("area", _code(18), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("text_en", sa.String()),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("decided_by", identifier),
        sa.Column("after_area", _code(18), nullable=False),
        sa.Column("after_account", identifier, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"state IN {_STATES!r}", name=op.f("ck_broadcasts_state")),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_broadcasts_author_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    op.create_index("ix_broadcasts_created_at", "broadcasts", ["created_at", "id"])
    op.create_index("ix_broadcasts_author_id", "broadcasts", ["author_id", "created_at"])
    create_index("ix_follows_area", "follows", ["what", "area", "account_id"])


def downgrade() -> None:
    drop_index("ix_follows_area", "follows")
    op.drop_table("broadcasts")
