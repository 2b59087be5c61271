"""The second factor: which of an account's one-time passwords was used last."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("totp_step", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("accounts", "totp_step")
