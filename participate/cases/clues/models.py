"""Rows of clues."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.cases.clues.workflow import CLUE
from participate.kernel.db import Id, Model, UtcTime, code
from participate.kernel.ids import new_id

CAUSES = BROKEN, REOPENED = ("commitment_missed", "reopened_twice")


class Clue(Model):
    """One cause (`cause_id`: a commitment, or a submission) that suggests a supervision of how `about_id` is handled.

    `area` is where its supervisors are, `supervision_id` what one of them has handed in about it.
    """

    __tablename__ = "clues"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    cause: Mapped[str] = mapped_column(String(20))
    cause_id: Mapped[str] = mapped_column(Id)
    about_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"))
    area: Mapped[str | None] = mapped_column(code(18))
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    found_at: Mapped[datetime] = mapped_column(UtcTime)
    settled_by: Mapped[str | None] = mapped_column(Id)
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    reason: Mapped[str | None]
    supervision_id: Mapped[str | None] = mapped_column(Id)

    __table_args__ = (
        CheckConstraint(f"state IN {CLUE.states!r}", name="state"),
        CheckConstraint(f"cause IN {CAUSES!r}", name="cause"),
        Index("uq_clues_cause", "cause", "cause_id", unique=True),
        Index("ix_clues_state", "state", "id"),
    )

    @property
    def thread_id(self) -> str:
        """A story of its own: those who handle what it is about read that one's."""
        return self.id
