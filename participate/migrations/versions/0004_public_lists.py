"""What the public list may be narrowed to has an index each, over what is public."""

import sqlalchemy as sa

from participate.migrations.online import create_index, drop_index

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
        where = sa.text("0" if name in OF_POSTGRESQL else "public IS 1")
        create_index(name, "submissions", columns, sqlite_where=where, postgresql_where=sa.text("public IS true"))
    drop_index("ix_submissions_area_id", "submissions")


def downgrade() -> None:
    create_index("ix_submissions_area_id", "submissions", ["area", "id"])
    for name in INDEXES:
        drop_index(name, "submissions")
