"""What a unit that is watched must put right, what it plans and reports, and what is published of it."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

_STATES = ("issued", "planned", "done", "rectified", "unmet")


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    area = sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")
    op.create_table(
        "rectifications",
        sa.Column("id", identifier, nullable=False),
        sa.Column("case_id", identifier, nullable=False),
        sa.Column("submission_id", identifier, nullable=False),
        sa.Column("reference", sa.String(11), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("unit", identifier, nullable=False),
        sa.Column("area", area),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("opinion", sa.String(), nullable=False),
        sa.Column("written_by", identifier, nullable=False),
        sa.Column("issued_at", moment, nullable=False),
        sa.Column("plan", sa.String()),
        sa.Column("planned_until", moment),
        sa.Column("report", sa.String()),
        sa.Column("result", sa.String()),
        sa.Column("settled_by", identifier),
        sa.Column("settled_at", moment),
        sa.Column("due_at", moment),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("sent_back", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"state IN {_STATES!r}", name=op.f("ck_rectifications_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rectifications_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_rectifications_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectifications")),
        sa.UniqueConstraint("reference", name=op.f("uq_rectifications_reference")),
    )
    op.create_index("ix_rectifications_submission_id", "rectifications", ["submission_id", "id"])
    op.create_index("ix_rectifications_unit", "rectifications", ["unit", "open", "id"])
    op.create_index("ix_rectifications_area", "rectifications", ["open", "area", "id"])
    op.create_index(
        "ix_rectifications_settled",
        "rectifications",
        ["settled_at", "id"],
        sqlite_where=sa.text("settled_at IS NOT NULL"),
        postgresql_where=sa.text("settled_at IS NOT NULL"),
    )
    op.create_index(
        "uq_rectifications_open",
        "rectifications",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("open IS 1"),
        postgresql_where=sa.text("open IS true"),
    )


def downgrade() -> None:
    op.drop_table("rectifications")
