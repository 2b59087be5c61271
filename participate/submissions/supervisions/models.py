"""Rows that say what micro-supervisions watch over, and from whom they are kept."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model
from participate.submissions.kinds import TARGETS


class Supervision(Model):
    """What a submission of that kind watches over; its id is the submission's.

    `target` is one of TARGETS, None until somebody names anything that is watched. `unit` is the unit watched,
    `thread_id` the submission whose handling or answer is, and `name` what its author calls it.
    """

    __tablename__ = "supervisions"
    id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)
    target: Mapped[str | None] = mapped_column(String(8))
    unit: Mapped[str | None] = mapped_column(Id)
    thread_id: Mapped[str | None] = mapped_column(Id)
    name: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        CheckConstraint(f"target IN {TARGETS!r}", name="target"),
        Index("ix_supervisions_thread_id", "thread_id"),
    )


class SupervisionBar(Model):
    """Whom a micro-supervision is kept from: `who` is an account, a unit with those below it, or ANY_UNIT."""

    __tablename__ = "supervision_bars"
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)
    who: Mapped[str] = mapped_column(Id, primary_key=True)

    __table_args__ = (Index("ix_supervision_bars_who", "who", "submission_id"),)
