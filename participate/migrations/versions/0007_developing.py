"""Changes nothing: what developing a photo finds out has its columns already, and steps are numbered without a gap."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing."""


def downgrade() -> None:
    """Nothing."""
