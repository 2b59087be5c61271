"""Figures by kind: how final replies were classed and refused, who has rated, and what became of suggestions."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_FLAGS, _COUNTS = ("independent", "adopted", "converted"), ("replies", "stock")


def upgrade() -> None:
    def code(length: int) -> sa.types.TypeEngine[str]:
        return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")

    op.add_column("case_marks", sa.Column("kind", sa.String(20)))
    op.add_column("case_marks", sa.Column("answer_class", sa.String(1)))
    for name in _FLAGS:
        op.add_column("case_marks", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in _COUNTS:
        op.add_column("case_marks", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "kind_figures",
        sa.Column("subject", code(48), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("period", code(10), nullable=False),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind", "period", "measure", name=op.f("pk_kind_figures")),
    )


def downgrade() -> None:
    op.drop_table("kind_figures")
    for name in ("kind", "answer_class", *_FLAGS, *_COUNTS):
        op.drop_column("case_marks", name)
