"""Who handles a case together with its lead, and countersigns its reply."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from participate.migrations.online import create_index, drop_index

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_STATES = "'named', 'asked', 'declined', 'late', 'countersigned', 'released'"
_COUNTS = "cohandlers", "unsigned", "withheld"


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        "case_cohandlers",
        sa.Column("id", identifier, nullable=False),
        sa.Column("case_id", identifier, nullable=False),
        sa.Column("submission_id", identifier, nullable=False),
        sa.Column("account", identifier),
        sa.Column("unit", identifier),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("named_at", moment, nullable=False),
        sa.Column("asked_at", moment),
        sa.Column("due_at", moment),
        sa.Column("answered_at", moment),
        sa.Column("answered_by", identifier),
        sa.Column("reason", sa.String()),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_case_cohandlers_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_cohandlers_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_case_cohandlers_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_cohandlers")),
    )
    op.create_index("ix_case_cohandlers_case_id", "case_cohandlers", ["case_id", "id"])
    op.create_index("ix_case_cohandlers_account", "case_cohandlers", ["account", "waits", "case_id"])
    op.create_index("ix_case_cohandlers_unit", "case_cohandlers", ["unit", "waits", "case_id"])
    for name in _COUNTS:
        op.add_column("cases", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("cases", sa.Column("draft", _JSON))
    held_up = sa.text("withheld > 0")
    create_index("ix_cases_withheld", "cases", ["due_at", "id"], sqlite_where=held_up, postgresql_where=held_up)


def downgrade() -> None:
    drop_index("ix_cases_withheld", "cases")
    for name in ("draft", *_COUNTS):
        op.drop_column("cases", name)
    op.drop_table("case_cohandlers")
