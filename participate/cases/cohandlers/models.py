"""Rows of co-handlers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.cases.cohandlers.workflow import COHANDLING
from participate.kernel.db import Id, Model, UtcTime
from participate.kernel.ids import new_id


class CoHandler(Model):
    """An account or a unit that handles a case together with its lead.

    `waits` says that a draft waits for their countersigning, for which they were asked at `asked_at` until `due_at`.
    `answered_at` and `answered_by` say when and by whom that draft was countersigned, or declined for a `reason`.
    """

    __tablename__ = "case_cohandlers"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"))
    account: Mapped[str | None] = mapped_column(Id)
    unit: Mapped[str | None] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    open: Mapped[bool] = mapped_column(default=True)
    waits: Mapped[bool] = mapped_column(default=False)
    named_at: Mapped[datetime] = mapped_column(UtcTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    answered_by: Mapped[str | None] = mapped_column(Id)
    reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(f"state IN {COHANDLING.states!r}", name="state"),
        Index("ix_case_cohandlers_case_id", "case_id", "id"),
        Index("ix_case_cohandlers_account", "account", "waits", "case_id"),
        Index("ix_case_cohandlers_unit", "unit", "waits", "case_id"),
    )

    @property
    def thread_id(self) -> str:
        """It is told within its submission's story."""
        return self.submission_id
