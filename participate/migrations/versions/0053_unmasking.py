"""Requests to learn who wrote a micro-supervision, on which two people must agree."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

_STATES = ("asked", "granted", "refused", "lapsed")


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.create_table(
        "unmaskings",
        sa.Column("id", identifier, nullable=False),
        sa.Column("submission_id", identifier, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", identifier, nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("decided_by", identifier),
        sa.Column("decided_at", moment),
        sa.Column("read_until", moment),
        sa.CheckConstraint(f"state IN {_STATES!r}", name=op.f("ck_unmaskings_state")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_unmaskings_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmaskings")),
    )
    op.create_index("ix_unmaskings_submission_id", "unmaskings", ["submission_id", "id"])
    op.create_index(
        "uq_unmaskings_asked",
        "unmaskings",
        ["submission_id"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
        sqlite_where=sa.text("state = 'asked'"),
    )


def downgrade() -> None:
    op.drop_table("unmaskings")
