"""What people follow without having a part in it."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def _code(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    identifier = sa.Uuid(as_uuid=False)
    op.create_table(
        "follows",
        sa.Column("id", identifier, nullable=False),
        sa.Column("account_id", identifier, nullable=False),
        sa.Column("key", _code(80), nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("submission_id", identifier),
        sa.Column("category", _code(40)),
        sa.Column("area", _code(18)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_follows_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follows")),
    )
    op.create_index("uq_follows_key_account_id", "follows", ["key", "account_id"], unique=True)
    op.create_index("ix_follows_account_id", "follows", ["account_id", "id"])


def downgrade() -> None:
    op.drop_table("follows")
