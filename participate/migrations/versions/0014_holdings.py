"""Who had a case for how long."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# What is open is in its hands since its last move that changes them; its id does for the row's.
_HELD_NOW = """
INSERT INTO case_holdings (id, case_id, level, area, assignee, unit, since)
SELECT id, id, level, area, assignee, unit, COALESCE(
    (SELECT max(at) FROM timeline_entries WHERE thread_id = cases.submission_id AND subject_type = 'case'
     AND move IN ('file', 'dispatch', 'reassign', 'escalate', 'pass_up', 'reopen')), opened_at)
FROM cases WHERE open AND state <> 'verified'
"""


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        "case_holdings",
        sa.Column("id", identifier, nullable=False),
        sa.Column("case_id", identifier, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")),
        sa.Column("assignee", identifier),
        sa.Column("unit", identifier),
        sa.Column("since", moment, nullable=False),
        sa.Column("until", moment),
        sa.Column("worked_ms", sa.BigInteger()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_holdings_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_holdings")),
    )
    op.create_index("ix_case_holdings_case_id", "case_holdings", ["case_id", "since", "id"])
    current = sa.text("until IS NULL")
    op.create_index(
        "uq_case_holdings_current",
        "case_holdings",
        ["case_id"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )
    op.execute(_HELD_NOW)


def downgrade() -> None:
    op.drop_table("case_holdings")
