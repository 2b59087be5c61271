"""What the public list may be narrowed to has an index each, over what is public."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_submissions_public_kind": ["kind", "id"],
    "ix_submissions_public_state": ["state", "id"],
    "ix_submissions_public_category": ["category", "id"],
    "ix_submissions_public_area": ["area", "id"],
    "ix_submissions_public_updated": ["updated_at"],
    "ix_submissions_public_place": ["lat", "lon"],
}
# SQLite would take these for wide ranges too, where reading in the list's order is better: there they stay empty.
OF_POSTGRESQL = ("ix_submissions_public_updated", "ix_submissions_public_place")


def upgrade() -> None:
    for name, columns in INDEXES.items():
        where = "0" if name in OF_POSTGRESQL else "public IS 1"
        _create(name, columns, sqlite_where=sa.text(where), postgresql_where=sa.text("public IS true"))
    _drop("ix_submissions_area_id")


def downgrade() -> None:
    _create("ix_submissions_area_id", ["area", "id"])
    for name in INDEXES:
        _drop(name)


def _create(name: str, columns: list[str], **where: Any) -> None:
    """While others go on reading and writing; what a try that failed has left behind is made anew."""
    with op.get_context().autocommit_block():
        op.drop_index(name, "submissions", if_exists=True, postgresql_concurrently=True)
        op.create_index(name, "submissions", columns, postgresql_concurrently=True, **where)


def _drop(name: str) -> None:
    with op.get_context().autocommit_block():
        op.drop_index(name, "submissions", postgresql_concurrently=True)
