"""Proposals that are filed, and those that wait for it, are lists of their own."""

import sqlalchemy as sa

from participate.migrations.online import create_index, drop_index

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

_LISTS = {
    "ix_submissions_filed": "filed_as IS NOT NULL",
    "ix_submissions_unfiled": "kind = 'micro_proposal' AND state = 'accepted' AND filed_as IS NULL",
}


def upgrade() -> None:
    for name, condition in _LISTS.items():
        create_index(
            name,
            "submissions",
            ["id"],
            postgresql_where=sa.text(f"public IS true AND {condition}"),
            sqlite_where=sa.text(f"public IS 1 AND {condition}"),
        )


def downgrade() -> None:
    for name in _LISTS:
        drop_index(name, "submissions")
