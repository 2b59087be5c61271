"""Rows of rectifications."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from participate.cases.rectifications.workflow import RECTIFICATION
from participate.kernel.db import Id, Model, UtcTime, code
from participate.kernel.ids import new_id

_SETTLED = text("settled_at IS NOT NULL")


class Rectification(Model):
    """An opinion to a `unit`, and what becomes of it. The unit sees this row, never its case or submission.

    `opinion` was `written_by` a supervisor; `plan` and `report` are the unit's, `planned_until` the day it names, and
    `result` what somebody else publishes at `settled_at`. `late` says that its last day was missed, `sent_back` how
    often it was not put right. `area` is that of the case, whose supervisors look. A case has one open at a time.
    """

    __tablename__ = "rectifications"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"))
    reference: Mapped[str] = mapped_column(String(11), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    unit: Mapped[str] = mapped_column(Id)
    area: Mapped[str | None] = mapped_column(code(18))
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    open: Mapped[bool] = mapped_column(default=True)
    opinion: Mapped[str]
    written_by: Mapped[str] = mapped_column(Id)
    issued_at: Mapped[datetime] = mapped_column(UtcTime)
    plan: Mapped[str | None]
    planned_until: Mapped[datetime | None] = mapped_column(UtcTime)
    report: Mapped[str | None]
    result: Mapped[str | None]
    settled_by: Mapped[str | None] = mapped_column(Id)
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcTime)
    late: Mapped[bool] = mapped_column(default=False)
    sent_back: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint(f"state IN {RECTIFICATION.states!r}", name="state"),
        Index("ix_rectifications_submission_id", "submission_id", "id"),
        Index("ix_rectifications_unit", "unit", "open", "id"),
        Index("ix_rectifications_area", "open", "area", "id"),
        Index("ix_rectifications_settled", "settled_at", "id", sqlite_where=_SETTLED, postgresql_where=_SETTLED),
        Index(
            "uq_rectifications_open",
            "case_id",
            unique=True,
            sqlite_where=text("open IS 1"),
            postgresql_where=text("open IS true"),
        ),
    )

    @property
    def thread_id(self) -> str:
        """It is told within its supervision's story."""
        return self.submission_id
