"""What final replies promise, and whether it was kept."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEYS = "open", "due_at", "id"
_REGIONS = {"city": 4, "district": 6, "street": 9, "community": 12}


def _code() -> sa.String:
    return sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        "commitments",
        sa.Column("id", identifier, nullable=False),
        sa.Column("case_id", identifier, nullable=False),
        sa.Column("submission_id", identifier, nullable=False),
        sa.Column("reference", sa.String(11), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("area", _code()),
        sa.Column("handling_area", _code()),
        sa.Column("assignee", identifier),
        sa.Column("unit", identifier),
        sa.Column("promised_at", moment, nullable=False),
        sa.Column("first_due_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("postponed", sa.Integer(), nullable=False),
        sa.Column("kept_at", moment),
        sa.Column("reply", sa.String()),
        sa.CheckConstraint("state IN ('promised', 'overdue', 'kept', 'superseded')", name=op.f("ck_commitments_state")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_commitments_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_commitments_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitments")),
    )
    op.create_index("ix_commitments_case_id", "commitments", ["case_id"])
    op.create_index("ix_commitments_submission_id", "commitments", ["submission_id", "due_at", "id"])
    op.create_index("ix_commitments_assignee", "commitments", ["assignee", *_KEYS])
    op.create_index("ix_commitments_unit", "commitments", ["unit", *_KEYS])
    shown: dict[str, Any] = {"sqlite_where": sa.text("public IS 1"), "postgresql_where": sa.text("public IS true")}
    op.create_index("ix_commitments_public", "commitments", [*_KEYS], **shown)
    if op.get_bind().dialect.name == "postgresql":
        for name, length in _REGIONS.items():
            region = sa.text(f"substr(area, 1, {length})")
            op.create_index(f"ix_commitments_public_{name}", "commitments", [region, *_KEYS], **shown)


def downgrade() -> None:
    op.drop_table("commitments")
