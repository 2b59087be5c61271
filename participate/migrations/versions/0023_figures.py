"""What became of cases, in numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# What the timeline tells of cases that there are. Which duty was missed it tells in a document.
_KNOWN = """
INSERT INTO case_marks (case_id, area, unit, person, filed_at, due_at, taken_at, replied_at, closed_at, late, overtaken,
    cancelled, reworks, objections, extensions, urgings, reopenings, resolved, satisfaction)
SELECT id, substr(COALESCE(cell, area, ''), 1, 12), unit, assignee, opened_at,
    COALESCE((SELECT max(due_at) FROM deadlines WHERE subject_id = cases.id AND duty = 'resolve'), due_at),
    (SELECT min(at) :step IN ('accept', 'take')), (SELECT max(at) :step = 'resolve'),
    CASE WHEN state = 'closed' THEN (SELECT max(at) :step IN ('close', 'uphold')) END,
    EXISTS (SELECT 1 :step = 'escalate' AND actor_role = 'system' AND CAST(data AS TEXT) LIKE '%resolve%'),
    EXISTS (SELECT 1 :step = 'escalate' AND actor_role = 'system' AND CAST(data AS TEXT) NOT LIKE '%resolve%'),
    state = 'cancelled',
    (SELECT count(*) :step = 'rework'), (SELECT count(*) :step = 'object'),
    (SELECT count(*) :step = 'approve_extension'), (SELECT count(*) :step = 'urge'),
    (SELECT count(*) :step IN ('reopen', 'order_rework')),
    (SELECT resolved :rating), (SELECT satisfaction :rating)
FROM cases
"""
_PARTS = {
    ":step": "FROM timeline_entries WHERE subject_id = cases.id AND move",
    ":rating": "FROM ratings JOIN submissions ON submissions.id = ratings.submission_id WHERE submissions.id = "
    "cases.submission_id AND ratings.account_id = submissions.author_id AND ratings.answer = submissions.reopenings "
    "AND cases.state = 'closed'",
}


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)

    def code(length: int) -> sa.types.TypeEngine[str]:
        return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")

    op.create_table(
        "case_marks",
        sa.Column("case_id", identifier, nullable=False),
        sa.Column("area", code(18), nullable=False),
        sa.Column("unit", identifier),
        sa.Column("person", identifier),
        sa.Column("filed_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("taken_at", moment),
        sa.Column("replied_at", moment),
        sa.Column("closed_at", moment),
        *(
            sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            for name in ("late", "overtaken", "cancelled", "excluded")
        ),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default="0")
            for name in ("reworks", "objections", "extensions", "urgings", "reopenings")
        ),
        sa.Column("resolved", sa.Boolean()),
        sa.Column("satisfaction", sa.Integer()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_marks_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_marks")),
    )
    op.create_table(
        "case_figures",
        sa.Column("subject", code(48), nullable=False),
        sa.Column("period", code(10), nullable=False),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "period", "measure", name=op.f("pk_case_figures")),
    )
    known = _KNOWN
    for part, meaning in _PARTS.items():
        known = known.replace(part, meaning)
    op.execute(known)


def downgrade() -> None:
    op.drop_table("case_figures")
    op.drop_table("case_marks")
