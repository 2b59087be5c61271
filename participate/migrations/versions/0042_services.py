"""The service list says who may ask, what is needed and who does it; what it promised is kept with who asks."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def _code(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


_ADDED = (
    ("area_code", _code(20)),
    ("need_zh", sa.String(200)),
    ("need_en", sa.String(200)),
    ("unit_id", sa.Uuid(as_uuid=False)),
)


def upgrade() -> None:
    op.add_column("services", sa.Column("asked_by", sa.String(10), nullable=False, server_default="everybody"))
    op.add_column("services", sa.Column("documents", sa.String(1000), nullable=False, server_default=""))
    for name, kind in _ADDED:
        op.add_column("services", sa.Column(name, kind))
    op.create_table(
        "service_requests",
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("service", _code(40), nullable=False),
        sa.Column("limit_value", sa.Integer(), nullable=False),
        sa.Column("clock", sa.String(20), nullable=False),
        sa.Column("promised_by", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_service_requests_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_service_requests")),
    )


def downgrade() -> None:
    op.drop_table("service_requests")
    for name in ("unit_id", "need_en", "need_zh", "area_code", "documents", "asked_by"):
        op.drop_column("services", name)
