"""Rows of requests to learn who wrote a micro-supervision."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime
from participate.kernel.ids import new_id
from participate.submissions.unmasking.workflow import UNMASKING

_ASKED = text("state = 'asked'")


class Unmasking(Model):
    """One request, `asked_by` for this `reason`; `read_until` is until when that one may read it once it is granted."""

    __tablename__ = "unmaskings"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"))
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    reason: Mapped[str]
    asked_by: Mapped[str] = mapped_column(Id)
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_by: Mapped[str | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    read_until: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint(f"state IN {UNMASKING.states!r}", name="state"),
        Index("ix_unmaskings_submission_id", "submission_id", "id"),
        Index("uq_unmaskings_asked", "submission_id", unique=True, sqlite_where=_ASKED, postgresql_where=_ASKED),
    )

    @property
    def thread_id(self) -> str:
        """It is told within its submission's story."""
        return self.submission_id
