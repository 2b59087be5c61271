"""Who is away, and who does meanwhile what they hold; each step says in whose stead it was made."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")
_INDEXES = (
    ("uq_absences_account", ["account_id"], True),
    ("ix_absences_deputy", ["deputy_id"], False),
    ("ix_absences_area", ["area", "id"], False),
)


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.add_column("timeline_entries", sa.Column("instead_of", identifier))
    op.create_table(
        "absences",
        sa.Column("id", identifier, nullable=False),
        sa.Column("account_id", identifier, nullable=False),
        sa.Column("deputy_id", identifier, nullable=False),
        sa.Column("named_by", identifier, nullable=False),
        sa.Column("area", sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql"), nullable=False),
        sa.Column("starts_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("ended_at", moment),
        sa.CheckConstraint("account_id <> deputy_id", name=op.f("ck_absences_another")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_absences_account_id_accounts")),
        sa.ForeignKeyConstraint(["deputy_id"], ["accounts.id"], name=op.f("fk_absences_deputy_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    for name, columns, unique in _INDEXES:
        op.create_index(name, "absences", columns, unique=unique, sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_table("absences")
    op.drop_column("timeline_entries", "instead_of")
