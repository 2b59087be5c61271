"""A submission has one case that leads, and as many parts of it as there are."""

import sqlalchemy as sa

from participate.migrations.online import add_unique, create_index, drop_index, drop_unique

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_LEADS, _PARTS = sa.text("part_of IS NULL"), sa.text("part_of IS NOT NULL")


def upgrade() -> None:
    create_index("uq_cases_lead", "cases", ["submission_id"], unique=True, sqlite_where=_LEADS, postgresql_where=_LEADS)
    create_index("ix_cases_part_of", "cases", ["part_of", "id"], sqlite_where=_PARTS, postgresql_where=_PARTS)
    drop_unique("cases", "uq_cases_submission_id", "submission_id")


def downgrade() -> None:
    add_unique("cases", "uq_cases_submission_id", "submission_id")
    drop_index("ix_cases_part_of", "cases")
    drop_index("uq_cases_lead", "cases")
