"""Clocks of cases that stand still or are given more time, and what a final reply was."""

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import change_check

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BEFORE = (
    "state IN ('filed', 'dispatched', 'objected', 'accepted', 'in_progress', 'rework', 'resolved', 'verified', "
    "'closed', 'cancelled')"
)
_STATES = "cases", "ck_cases_state", _BEFORE, _BEFORE.replace("'in_progress', ", "'in_progress', 'paused', ")


def upgrade() -> None:
    for column in (
        sa.Column("objected", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("left_ms", sa.BigInteger()),
        sa.Column("left_clock", sa.String(16)),
        sa.Column("waits_for", sa.String(16)),
        sa.Column("extension_until", sa.DateTime(timezone=True)),
        sa.Column("extensions", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("answer_class", sa.String(1)),
    ):
        op.add_column("cases", column)
    change_check(*_STATES)


def downgrade() -> None:
    table, name, before, after = _STATES
    change_check(table, name, after, before)
    for column in (
        *("answer_class", "extensions", "extension_until", "waits_for", "left_clock", "left_ms"),
        "objected",
    ):
        op.drop_column("cases", column)
