"""What micro-supervisions watch over, and from whom each is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_TARGETS = ("unit", "case", "answer", "project")
_ANY_UNIT = "00000000-0000-0000-0000-000000000000"
_BATCH = 1000


def upgrade() -> None:
    identifier = sa.Uuid(as_uuid=False)
    op.create_table(
        "supervisions",
        sa.Column("id", identifier, nullable=False),
        sa.Column("target", sa.String(8)),
        sa.Column("unit", identifier),
        sa.Column("thread_id", identifier),
        sa.Column("name", sa.String(200)),
        sa.CheckConstraint(f"target IN {_TARGETS!r}", name=op.f("ck_supervisions_target")),
        sa.ForeignKeyConstraint(["id"], ["submissions.id"], name=op.f("fk_supervisions_id_submissions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisions")),
    )
    op.create_index("ix_supervisions_thread_id", "supervisions", ["thread_id"])
    op.create_table(
        "supervision_bars",
        sa.Column("submission_id", identifier, nullable=False),
        sa.Column("who", identifier, nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_supervision_bars_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("submission_id", "who", name=op.f("pk_supervision_bars")),
    )
    op.create_index("ix_supervision_bars_who", "supervision_bars", ["who", "submission_id"])
    _take_over()


def _take_over() -> None:
    """What was sent in before names a unit, or none: then it is kept from everybody who belongs to one."""
    identifier = sa.Uuid(as_uuid=False)
    sent = sa.table(
        "submissions", sa.column("id", identifier), sa.column("kind", sa.String), sa.column("details", sa.JSON)
    )
    watched = sa.table(
        "supervisions", sa.column("id", identifier), sa.column("unit", identifier), sa.column("name", sa.String)
    )
    bars = sa.table("supervision_bars", sa.column("submission_id", identifier), sa.column("who", identifier))
    connection = op.get_bind()
    last = _ANY_UNIT
    found = sa.select(sent.c.id, sent.c.details).where(sent.c.kind == "micro_supervision").order_by(sent.c.id)
    while rows := connection.execute(found.where(sent.c.id > last).limit(_BATCH)).all():
        last = rows[-1].id
        held = [
            {"id": row.id, "unit": row.details.get("watched_unit"), "name": row.details.get("watched")} for row in rows
        ]
        connection.execute(watched.insert(), held)
        connection.execute(
            bars.insert(), [{"submission_id": each["id"], "who": each["unit"] or _ANY_UNIT} for each in held]
        )


def downgrade() -> None:
    op.drop_table("supervision_bars")
    op.drop_table("supervisions")
