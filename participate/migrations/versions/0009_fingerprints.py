"""What a photo looks like, which photos look alike, and what that lets one think of a case's after-photo."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo_fingerprints",
        sa.Column("photo_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.id"], name=op.f("fk_photo_fingerprints_photo_id_photos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_photo_fingerprints")),
        sa.UniqueConstraint("number", name=op.f("uq_photo_fingerprints_number")),
    )
    op.create_table(
        "fingerprint_counts",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fingerprint_counts")),
    )
    op.create_table(
        "photo_likenesses",
        sa.Column("photo_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("other_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.id"], name=op.f("fk_photo_likenesses_photo_id_photos"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["photos.id"], name=op.f("fk_photo_likenesses_other_id_photos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("photo_id", "other_id", name=op.f("pk_photo_likenesses")),
    )
    op.create_index("ix_photo_likenesses_other_id", "photo_likenesses", ["other_id"])
    flags = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.add_column("cases", sa.Column("flags", flags, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("cases", "flags")
    op.drop_table("photo_likenesses")
    op.drop_table("fingerprint_counts")
    op.drop_table("photo_fingerprints")
