"""When the staff told a submission's author last who have it without a case; what is concluded owes a word as well."""

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import create_index, drop_index, fill

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

_OWED = "source = 'resident' AND "
_CONCLUDED = f"{_OWED} kind = 'micro_consultation' AND state = 'concluded' AND heard_at IS NULL"
_WITHOUT_CASE = f"""{_OWED} (kind = 'micro_proposal' AND state = 'accepted' AND filed_as IS NULL
    OR kind = 'micro_consultation' AND state IN ('accepted', 'open', 'concluded'))"""
_TOLD = sa.text("told_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("submissions", sa.Column("told_at", sa.DateTime(timezone=True)))
    # Its last change is when somebody was told last, or a little later.
    fill("submissions", "heard_at", "updated_at", _CONCLUDED)
    fill("submissions", "told_at", "updated_at", _WITHOUT_CASE)
    create_index("ix_submissions_told", "submissions", ["told_at", "id"], sqlite_where=_TOLD, postgresql_where=_TOLD)


def downgrade() -> None:
    drop_index("ix_submissions_told", "submissions")
    op.drop_column("submissions", "told_at")
