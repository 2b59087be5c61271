"""Rows of cases."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.cases.workflow import CASE
from participate.kernel.db import Id, Model, UtcTime, code
from participate.kernel.ids import new_id


class Case(Model):
    """The handling of one submission. `area` is the handling area at `level` (1 community … 4 city).

    Its holder is `assignee` (an account) or `unit`; `due_at` is the next deadline that its level answers for.
    """

    __tablename__ = "cases"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(String(11), unique=True)
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(120))
    category: Mapped[str | None] = mapped_column(code(40))
    condition: Mapped[str | None] = mapped_column(code(40))
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    open: Mapped[bool] = mapped_column(default=True)
    level: Mapped[int]
    area: Mapped[str | None] = mapped_column(code(18))
    cell: Mapped[str | None] = mapped_column(code(18))
    assignee: Mapped[str | None] = mapped_column(Id)
    unit: Mapped[str | None] = mapped_column(Id)
    resolved_by: Mapped[str | None] = mapped_column(Id)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    opened_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint(f"state IN {CASE.states!r}", name="state"),
        CheckConstraint("level BETWEEN 1 AND 4", name="level"),
        Index("ix_cases_assignee", "assignee", "open", "due_at", "id"),
        Index("ix_cases_unit", "unit", "open", "due_at", "id"),
        Index("ix_cases_open", "open", "due_at", "id"),
        Index("ix_cases_area", "area", "open"),
    )

    @property
    def thread_id(self) -> str:
        """A case is told within its submission's story."""
        return self.submission_id
