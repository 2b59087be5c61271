"""Consultations: statements, votes, and the picture that they make."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_STATES = ("waiting", "shown", "refused")


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "consultations",
        sa.Column("id", identifier, nullable=False),
        sa.Column("area", sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")),
        sa.Column("closes_at", moment),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("picture", json),
        sa.Column("memory", json, nullable=False),
        sa.Column("outcomes", json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["submissions.id"], name=op.f("fk_consultations_id_submissions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultations")),
    )
    op.create_table(
        "statements",
        sa.Column("id", identifier, nullable=False),
        sa.Column("consultation_id", identifier, nullable=False),
        sa.Column("author_id", identifier, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agrees", sa.Integer(), nullable=False),
        sa.Column("disagrees", sa.Integer(), nullable=False),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.Column("extremity", sa.Double(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.CheckConstraint(f"state IN {_STATES!r}", name=op.f("ck_statements_state")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultations.id"], name=op.f("fk_statements_consultation_id_consultations")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_statements_author_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
    )
    op.create_index("ix_statements_consultation_id", "statements", ["consultation_id", "state", "id"])
    op.create_index("ix_statements_author_id", "statements", ["author_id", "consultation_id", "id"])
    op.create_table(
        "votes",
        sa.Column("statement_id", identifier, nullable=False),
        sa.Column("account_id", identifier, nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.CheckConstraint("value IN (-1, 0, 1)", name=op.f("ck_votes_value")),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name=op.f("fk_votes_statement_id_statements")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_votes_account_id_accounts")),
        sa.PrimaryKeyConstraint("statement_id", "account_id", name=op.f("pk_votes")),
    )
    # Those that have opened before this room was there take statements, too.
    op.execute(
        "INSERT INTO consultations (id, area, stale, memory, outcomes, version) "
        "SELECT id, area, false, '{}', '[]', 1 FROM submissions WHERE kind = 'micro_consultation' AND state = 'open'"
    )


def downgrade() -> None:
    for table in ("votes", "statements", "consultations"):
        op.drop_table(table)
