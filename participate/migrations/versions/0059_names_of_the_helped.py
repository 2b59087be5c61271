"""Names of whom officers have helped, and of witnesses, are forgotten a while after it is over."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import allow_null, create_index, drop_index, require_value

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

_NAMES, _OVER = ("name", "witness"), "forget_at IS NOT NULL"
_KEPT = timedelta(days=180)
_UNTIL = sa.text(
    "UPDATE assisted SET forget_at = :until WHERE submission_id IN "
    "(SELECT id FROM submissions WHERE state IN ('closed', 'withdrawn', 'rejected', 'merged'))"
).bindparams(sa.bindparam("until", type_=sa.DateTime(timezone=True)))


def upgrade() -> None:
    op.add_column("assisted", sa.Column("forget_at", sa.DateTime(timezone=True)))
    for name in _NAMES:
        allow_null("assisted", name, "VARCHAR(60)")
    # Of what is over already nobody knows when that was: from now on.
    op.get_bind().execute(_UNTIL, {"until": datetime.now(UTC) + _KEPT})
    where = {f"{dialect}_where": sa.text(_OVER) for dialect in ("sqlite", "postgresql")}
    create_index("ix_assisted_forget_at", "assisted", ["forget_at"], **where)


def downgrade() -> None:
    drop_index("ix_assisted_forget_at", "assisted")
    for name in _NAMES:
        require_value("assisted", name, "VARCHAR(60)")
    op.drop_column("assisted", "forget_at")
