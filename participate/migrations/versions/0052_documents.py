"""Papers that a service asks for are kept as long as they are needed."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    identifier, moment = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)
    op.add_column("services", sa.Column("keep_days", sa.Integer(), nullable=False, server_default="30"))
    op.create_table(
        "documents",
        sa.Column("photo_id", identifier, nullable=False),
        sa.Column("submission_id", identifier, nullable=False),
        sa.Column("code", sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql"), nullable=False),
        sa.Column("attached_at", moment, nullable=False),
        sa.Column("forget_at", moment),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_documents_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_documents")),
    )
    op.create_index("uq_documents_submission_id_code", "documents", ["submission_id", "code"], unique=True)
    over = sa.text("forget_at IS NOT NULL")
    op.create_index("ix_documents_forget_at", "documents", ["forget_at"], sqlite_where=over, postgresql_where=over)


def downgrade() -> None:
    op.drop_table("documents")
    op.drop_column("services", "keep_days")
