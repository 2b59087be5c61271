"""A case may be divided into parts, which others handle."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_COUNTS = "parts", "parts_open", "parts_done"


def upgrade() -> None:
    op.add_column("cases", sa.Column("part_of", sa.Uuid(as_uuid=False)))
    for name in _COUNTS:
        op.add_column("cases", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("cases", sa.Column("after_photos", _JSON))
    op.add_column("case_marks", sa.Column("part", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("case_marks", "part")
    for name in ("after_photos", *_COUNTS, "part_of"):
        op.drop_column("cases", name)
