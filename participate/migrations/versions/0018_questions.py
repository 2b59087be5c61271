"""What the catalogue asks besides."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def _code() -> sa.String:
    return sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("code", _code(), nullable=False),
        sa.Column("asked_for", _code(), nullable=False),
        sa.Column("type", sa.String(10), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("text_zh", sa.String(200), nullable=False),
        sa.Column("text_en", sa.String(200), nullable=False),
        sa.Column("choices", sa.String(1000), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("type IN ('text', 'number', 'yes_no', 'date', 'choice')", name=op.f("ck_questions_type")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_questions")),
    )
    op.create_index("ix_questions_asked_for_code", "questions", ["asked_for", "code"])


def downgrade() -> None:
    op.drop_table("questions")
