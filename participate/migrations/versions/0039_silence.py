"""When a submission's author was told of a step last: whoever is left without a word too long is found by it."""

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import create_index, drop_index, fill

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_OURS = "'received', 'in_moderation', 'accepted', 'assigned', 'in_progress', 'in_verification', 'disputed', 'open'"
_DUE = "'filed', 'dispatched', 'objected', 'accepted', 'in_progress', 'paused', 'rework', 'resolved', 'disputed'"
_WAITING = (
    ("submissions", "heard_at", f"state IN ({_OURS}) AND source = 'resident'"),
    ("cases", "told_at", f"state IN ({_DUE}) AND part_of IS NULL AND NOT found"),
)


def upgrade() -> None:
    for table, column, _ in _WAITING:
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True)))
    for table, column, waits in _WAITING:
        # Its last change is when somebody was told last, or a little later.
        fill(table, column, "updated_at", waits)
    create_index("ix_submissions_heard", "submissions", ["heard_at"], **_where("heard_at IS NOT NULL"))
    create_index("ix_cases_told", "cases", ["told_at", "id"], **_where("told_at IS NOT NULL"))


def _where(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def downgrade() -> None:
    drop_index("ix_cases_told", "cases")
    drop_index("ix_submissions_heard", "submissions")
    op.drop_column("cases", "told_at")
    op.drop_column("submissions", "heard_at")
