"""Open cases are listed by cell."""

from participate.migrations.online import create_index, drop_index

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_index("ix_cases_cell", "cases", ["cell", "open", "due_at", "id"])


def downgrade() -> None:
    drop_index("ix_cases_cell", "cases")
