"""An upload's row: whose it is, how long it will be, and what of it has come so far."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Json, Model, UtcTime
from participate.kernel.ids import new_id


class Upload(Model):
    """`turn` counts who has begun to send: only the latest may add to the row, and its pieces are named by it.

    `pieces` are those that count, in order, each as its turn and how many bytes of it count. `writing` is the turn
    whose piece may still be growing: what it holds counts once somebody goes on behind it. `key` is the client's own
    name for the upload and `fingerprint` what it was asked for with; `described` is `Upload-Metadata` as it came.
    """

    __tablename__ = "uploads"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(Id)
    key: Mapped[str | None] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    described: Mapped[str] = mapped_column(String(4096), default="")
    length: Mapped[int]
    pieces: Mapped[list[list[int]]] = mapped_column(Json)
    writing: Mapped[int | None]
    turn: Mapped[int] = mapped_column(default=0)
    photo_id: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime, index=True)

    __table_args__ = (
        Index("ix_uploads_owner_id_created_at", "owner_id", "created_at"),
        Index("uq_uploads_owner_id_key", "owner_id", "key", unique=True),
    )
