"""The cluster of cases that a consultation was opened from."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    def code(length: int) -> sa.String:
        return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")

    op.create_table(
        "consultation_origins",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("category", code(40), nullable=False),
        sa.Column("area", code(18), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["submissions.id"], name=op.f("fk_consultation_origins_id_submissions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_origins")),
    )
    op.create_index("ix_consultation_origins_area", "consultation_origins", ["area", "category"])


def downgrade() -> None:
    op.drop_table("consultation_origins")
