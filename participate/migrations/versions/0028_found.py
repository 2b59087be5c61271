"""What officers find on their round, mend on the spot and file, of which a share is verified."""

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import create_index, drop_index

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_FLAGS = ("drawn", "failed")


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        "found_cases",
        sa.Column("case_id", identifier, nullable=False),
        sa.Column("submission_id", identifier, nullable=False),
        sa.Column("officer", identifier, nullable=False),
        sa.Column("chosen", sa.String(8)),
        sa.Column("judged_at", moment),
        sa.Column("passed", sa.Boolean()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_found_cases_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_found_cases_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_found_cases")),
    )
    op.create_index("ix_found_cases_officer", "found_cases", ["officer", "judged_at", "case_id"])
    op.create_index("uq_found_cases_submission_id", "found_cases", ["submission_id"], unique=True)
    op.add_column("submissions", sa.Column("source", sa.String(8), nullable=False, server_default="resident"))
    op.add_column("cases", sa.Column("found", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("cases", sa.Column("sampled", sa.Boolean()))
    op.add_column("case_marks", sa.Column("found", sa.String(8)))
    op.add_column("case_marks", sa.Column("judged_at", moment))
    for name in _FLAGS:
        op.add_column("case_marks", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    chosen = {"sqlite_where": sa.text("sampled IS 1"), "postgresql_where": sa.text("sampled IS true")}
    create_index("ix_cases_sampled", "cases", ["due_at", "id"], **chosen)


def downgrade() -> None:
    drop_index("ix_cases_sampled", "cases")
    for name in (*_FLAGS, "judged_at", "found"):
        op.drop_column("case_marks", name)
    for name in ("sampled", "found"):
        op.drop_column("cases", name)
    op.drop_column("submissions", "source")
    op.drop_table("found_cases")
