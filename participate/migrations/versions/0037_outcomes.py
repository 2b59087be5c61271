"""What comes of a consultation is promised as what a final reply says; its minutes; and who has taken part."""

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import allow_null, require_value

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_BEFORE = (
    "INSERT INTO participants (consultation_id, account_id) "
    "SELECT s.consultation_id, v.account_id FROM votes v JOIN statements s ON s.id = v.statement_id "
    "UNION SELECT consultation_id, author_id FROM statements"
)


def upgrade() -> None:
    allow_null("commitments", "case_id")
    op.add_column("consultations", sa.Column("minutes", sa.String()))
    identifier = sa.Uuid(as_uuid=False)
    op.create_table(
        "participants",
        sa.Column("consultation_id", identifier, nullable=False),
        sa.Column("account_id", identifier, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultations.id"], name=op.f("fk_participants_consultation_id_consultations")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_participants_account_id_accounts")),
        sa.PrimaryKeyConstraint("consultation_id", "account_id", name=op.f("pk_participants")),
    )
    # Whoever has voted or stated before this table was there has taken part, too.
    op.execute(_BEFORE)


def downgrade() -> None:
    op.drop_table("participants")
    op.drop_column("consultations", "minutes")
    require_value("commitments", "case_id")
