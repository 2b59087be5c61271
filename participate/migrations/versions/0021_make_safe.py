"""What is dangerous is made safe within a time of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_MOMENTS = "make_safe_due_at", "made_safe_at"


def upgrade() -> None:
    op.add_column("conditions", sa.Column("safe_value", sa.Integer()))
    op.add_column("conditions", sa.Column("safe_clock", sa.String(20)))
    for name in _MOMENTS:
        op.add_column("cases", sa.Column(name, sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in _MOMENTS:
        op.drop_column("cases", name)
    op.drop_column("conditions", "safe_clock")
    op.drop_column("conditions", "safe_value")
