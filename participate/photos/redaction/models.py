"""A photo's boxes: what is covered in it, who said so, who took it back."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime
from participate.kernel.ids import new_id
from participate.photos.redaction.boxes import KINDS

SOURCES = ("found", "moderator")


class PhotoBox(Model):
    """A part of a photo that is covered until it is removed, in shares of the upright photo's width and height.

    Never edited: one that lies wrong is removed, and another is added. `sure` is how sure the finder was, from 0 to 1.
    """

    __tablename__ = "photo_boxes"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    photo_id: Mapped[str] = mapped_column(Id, ForeignKey("photos.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    x: Mapped[float]
    y: Mapped[float]
    w: Mapped[float]
    h: Mapped[float]
    source: Mapped[str] = mapped_column(String(12))
    sure: Mapped[float]
    added_by: Mapped[str | None] = mapped_column(Id)
    added_at: Mapped[datetime] = mapped_column(UtcTime)
    removed_by: Mapped[str | None] = mapped_column(Id)
    removed_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS!r}", name="kind"),
        CheckConstraint(f"source IN {SOURCES!r}", name="source"),
    )
