"""Whoever handles a submission finds what became of the messages about it."""

from participate.migrations.online import create_index, drop_index

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_NAME, _TABLE = "ix_deliveries_submission_id_fact_id", "deliveries"


def upgrade() -> None:
    create_index(_NAME, _TABLE, ["submission_id", "fact_id"])


def downgrade() -> None:
    drop_index(_NAME, _TABLE)
