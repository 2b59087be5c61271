"""Which units answer for what, by place, and which watch over a case."""

import sqlalchemy as sa
from alembic import op

from participate.migrations import online

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_WATCHED = sa.text("supervising_unit IS NOT NULL")


def _code(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    identifier = sa.Uuid(as_uuid=False)
    op.create_table(
        "responsibilities",
        sa.Column("code", _code(40), nullable=False),
        sa.Column("area_code", _code(20), nullable=False),
        sa.Column("responsible", identifier, nullable=False),
        sa.Column("supervising", identifier),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", "area_code", name=op.f("pk_responsibilities")),
    )
    op.add_column("cases", sa.Column("supervising_unit", identifier))
    online.create_index(
        "ix_cases_supervising_unit",
        "cases",
        ["supervising_unit", "open", "due_at", "id"],
        sqlite_where=_WATCHED,
        postgresql_where=_WATCHED,
    )


def downgrade() -> None:
    online.drop_index("ix_cases_supervising_unit", "cases")
    op.drop_column("cases", "supervising_unit")
    op.drop_table("responsibilities")
