"""Rows of commitments."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from participate.cases.commitments.workflow import COMMITMENT
from participate.kernel.db import Id, Model, UtcTime, code
from participate.kernel.ids import new_id
from participate.submissions.models import REGIONS, region


class Commitment(Model):
    """What the final reply of a case promises, or the outcome of a consultation (`case_id` None); `text` says it.

    `area` is where it is wanted, `handling_area` that of the case or consultation, whose dispatchers and
    supervisors watch over it. Who answers for it is `assignee` (an account) or `unit`. `first_due_at` is what was
    promised at first, `postponed` how often another day was named. `reply` says how it was kept. `public` says
    whether everyone may see it.
    """

    __tablename__ = "commitments"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str | None] = mapped_column(Id, ForeignKey("cases.id"))
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"))
    reference: Mapped[str] = mapped_column(String(11))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str]
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    open: Mapped[bool] = mapped_column(default=True)
    public: Mapped[bool]
    area: Mapped[str | None] = mapped_column(code(18))
    handling_area: Mapped[str | None] = mapped_column(code(18))
    assignee: Mapped[str | None] = mapped_column(Id)
    unit: Mapped[str | None] = mapped_column(Id)
    promised_at: Mapped[datetime] = mapped_column(UtcTime)
    first_due_at: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    postponed: Mapped[int] = mapped_column(default=0)
    kept_at: Mapped[datetime | None] = mapped_column(UtcTime)
    reply: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(f"state IN {COMMITMENT.states!r}", name="state"),
        Index("ix_commitments_case_id", "case_id"),
        Index("ix_commitments_submission_id", "submission_id", "due_at", "id"),
        Index("ix_commitments_assignee", "assignee", "open", "due_at", "id"),
        Index("ix_commitments_unit", "unit", "open", "due_at", "id"),
    )

    @property
    def thread_id(self) -> str:
        """It is told within its submission's story."""
        return self.submission_id


def _public(name: str, *columns: Any, sqlite_too: bool = True) -> Index:
    """An index over what everyone may see, in the order of the list."""
    shown = Commitment.public.is_(True)
    keys = (*columns, Commitment.open, Commitment.due_at, Commitment.id)
    return Index(name, *keys, postgresql_where=shown, sqlite_where=shown if sqlite_too else false())


_public("ix_commitments_public")
for _length, _name in REGIONS.items():
    _public(f"ix_commitments_public_{_name}", region(Commitment.area, _length), sqlite_too=False).ddl_if("postgresql")
