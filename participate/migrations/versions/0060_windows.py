"""What waits for the desk is found by windows in which a night or a holiday does not stand in one place."""

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import create_index, drop_index

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

_TABLE, _BEFORE, _AFTER = "moderation_waiting", "ix_moderation_waiting_found", "ix_moderation_waiting_windows"


def upgrade() -> None:
    # Where each stands is put right by the daily recount: until then they stand nearly there.
    _replace(_BEFORE, _AFTER, 4, 9, 41, 47, 54)


def downgrade() -> None:
    _replace(_AFTER, _BEFORE, 4, 8, 11, 31, 36, 41, 46, 51, 56)


def _replace(old: str, new: str, *widths: int) -> None:
    """SQLite finds what waits by other indexes."""
    if op.get_bind().dialect.name != "postgresql":
        return
    windows = ", ".join(f"((position >> {width}) << 4) | {n}" for n, width in enumerate(widths))
    create_index(
        new,
        _TABLE,
        ["bigrams", "marks", sa.text(f"(ARRAY[{windows}])")],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "on", "gin_pending_list_limit": 256},
    )
    drop_index(old, _TABLE)
