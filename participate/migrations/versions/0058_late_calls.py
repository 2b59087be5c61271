"""A call that is not made in time is noticed; and what an officer relays of an outcome is counted apart."""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

_ID, _MOMENT = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
_CALLS = sa.table("calls", sa.column("id", _ID), sa.column("due_at", _MOMENT), sa.column("made_at", _MOMENT))
_DEADLINES = sa.table(
    "deadlines",
    sa.column("id", _ID),
    sa.column("subject_type", sa.String()),
    sa.column("subject_id", _ID),
    sa.column("duty", sa.String()),
    sa.column("clock", sa.String()),
    sa.column("started_at", _MOMENT),
    sa.column("due_at", _MOMENT),
)


def upgrade() -> None:
    op.add_column("calls", sa.Column("missed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("case_marks", sa.Column("relayed", sa.Boolean(), nullable=False, server_default=sa.false()))
    waiting = op.get_bind().execute(sa.select(_CALLS.c.id, _CALLS.c.due_at).where(_CALLS.c.made_at.is_(None))).all()
    told = {"subject_type": "call", "duty": "tell", "clock": "work_day", "started_at": datetime.now(UTC)}
    new = [told | {"id": str(uuid4()), "subject_id": call.id, "due_at": call.due_at} for call in waiting]
    if new:
        op.get_bind().execute(sa.insert(_DEADLINES), new)


def downgrade() -> None:
    op.execute(sa.delete(_DEADLINES).where(_DEADLINES.c.subject_type == "call"))
    op.drop_column("case_marks", "relayed")
    op.drop_column("calls", "missed")
