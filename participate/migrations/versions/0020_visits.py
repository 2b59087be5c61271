"""The officers' daily log of visits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_REGIONS = {"city": 4, "district": 6, "street": 9, "community": 12}


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "visits",
        sa.Column("id", identifier, nullable=False),
        sa.Column("officer", identifier, nullable=False),
        sa.Column("cell", sa.String(18).with_variant(sa.String(18, collation="C"), "postgresql"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("topics", json, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("follow_up", sa.Boolean(), nullable=False),
        sa.Column("submission_id", identifier),
        sa.Column("case_id", identifier),
        sa.Column("visited_at", moment, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("earlier", json, nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_visits_submission_id_submissions")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_visits_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_officer", "visits", ["officer", "visited_at", "id"])
    op.create_index("ix_visits_cell", "visits", ["cell", "visited_at", "id"])
    op.create_index("ix_visits_visited_at", "visits", ["visited_at", "id"])
    if op.get_bind().dialect.name == "postgresql":
        for name, length in _REGIONS.items():
            op.create_index(f"ix_visits_{name}", "visits", [sa.text(f"substr(cell, 1, {length})"), "visited_at", "id"])


def downgrade() -> None:
    op.drop_table("visits")
