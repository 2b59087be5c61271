"""What is covered in a photo before others see it, and who said so; photos from before are due."""

import sqlalchemy as sa
from alembic import op

from participate.migrations.online import create_index, drop_index

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = ("redaction", "redaction_why", "boxes_version", "looked_by", "rendered")
INDEXES = {"ix_photos_due": "redaction = 'due'", "ix_photos_needs_look": "redaction = 'needs_look'"}


def upgrade() -> None:
    op.add_column("photos", sa.Column("redaction", sa.String(length=12), nullable=False, server_default="due"))
    op.add_column("photos", sa.Column("redaction_why", sa.String(length=20), nullable=True))
    op.add_column("photos", sa.Column("boxes_version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("photos", sa.Column("looked_by", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("photos", sa.Column("rendered", sa.Uuid(as_uuid=False), nullable=True))
    for name, condition in INDEXES.items():
        create_index(name, "photos", ["id"], sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
    op.create_table(
        "photo_boxes",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("photo_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("x", sa.Double(), nullable=False),
        sa.Column("y", sa.Double(), nullable=False),
        sa.Column("w", sa.Double(), nullable=False),
        sa.Column("h", sa.Double(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("sure", sa.Double(), nullable=False),
        sa.Column("added_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('face', 'plate', 'other')", name=op.f("ck_photo_boxes_kind")),
        sa.CheckConstraint("source IN ('found', 'moderator')", name=op.f("ck_photo_boxes_source")),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.id"], name=op.f("fk_photo_boxes_photo_id_photos"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_boxes")),
    )
    op.create_index("ix_photo_boxes_photo_id", "photo_boxes", ["photo_id"])


def downgrade() -> None:
    op.drop_table("photo_boxes")
    for name in INDEXES:
        drop_index(name, "photos")
    for column in reversed(COLUMNS):
        op.drop_column("photos", column)
