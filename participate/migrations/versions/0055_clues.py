"""What suggests a supervision by itself: broken promises, and what was opened again twice."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

_STATES, _CAUSES = ("waiting", "taken_up", "dismissed"), ("commitment_missed", "reopened_twice")


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    area = sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql")
    op.create_table(
        "clues",
        sa.Column("id", identifier, nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("cause_id", identifier, nullable=False),
        sa.Column("about_id", identifier, nullable=False),
        sa.Column("area", area),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("found_at", moment, nullable=False),
        sa.Column("settled_by", identifier),
        sa.Column("settled_at", moment),
        sa.Column("reason", sa.String()),
        sa.Column("supervision_id", identifier),
        sa.CheckConstraint(f"state IN {_STATES!r}", name=op.f("ck_clues_state")),
        sa.CheckConstraint(f"cause IN {_CAUSES!r}", name=op.f("ck_clues_cause")),
        sa.ForeignKeyConstraint(["about_id"], ["submissions.id"], name=op.f("fk_clues_about_id_submissions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clues")),
    )
    op.create_index("uq_clues_cause", "clues", ["cause", "cause_id"], unique=True)
    op.create_index("ix_clues_state", "clues", ["state", "id"])


def downgrade() -> None:
    op.drop_table("clues")
