"""A photo's row: whose it is, what it shows of its place and time, and where its bytes are."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime
from participate.kernel.ids import new_id

STATES = ("processing", "ready", "refused")


class Photo(Model):
    """`subject_id` is the submission it belongs to, `purpose` what it shows there: the report, or the work after."""

    __tablename__ = "photos"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(Id)
    subject_id: Mapped[str | None] = mapped_column(Id, index=True)
    purpose: Mapped[str] = mapped_column(String(8), default="report")
    state: Mapped[str] = mapped_column(String(12), default="processing")
    reason: Mapped[str | None] = mapped_column(String(32))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    media_type: Mapped[str | None] = mapped_column(String(32))
    taken_at: Mapped[datetime | None] = mapped_column(UtcTime)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        Index("ix_photos_owner_id_created_at", "owner_id", "created_at"),
        Index(
            "ix_photos_unattached",
            "created_at",
            sqlite_where=subject_id.is_(None),
            postgresql_where=subject_id.is_(None),
        ),
    )
