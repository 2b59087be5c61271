"""What members do in their office can be found: what they filed under a number, and what they took charge of."""

import sqlalchemy as sa
from alembic import op

from participate.migrations import online

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_ADOPTED = sa.text("adopted_by IS NOT NULL")


def upgrade() -> None:
    op.add_column("proposals", sa.Column("member_id", sa.Uuid(as_uuid=False)))
    online.create_index("ix_proposals_member_id", "proposals", ["member_id", "id"])
    online.create_index("ix_role_grants_role_account", "role_grants", ["role", "account_id"])
    online.create_index(
        "ix_submissions_adopted_by",
        "submissions",
        ["adopted_by", "id"],
        sqlite_where=_ADOPTED,
        postgresql_where=_ADOPTED,
    )


def downgrade() -> None:
    online.drop_index("ix_submissions_adopted_by", "submissions")
    online.drop_index("ix_role_grants_role_account", "role_grants")
    online.drop_index("ix_proposals_member_id", "proposals")
    op.drop_column("proposals", "member_id")
