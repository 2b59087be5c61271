"""Rows of what officers have found and mended on the spot."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime

# Why somebody else is to verify it: its number was drawn, its after-photos are doubted, its officer's record.
DRAWN, DOUBTED, RECORD = ("drawn", "doubted", "record")


class FoundCase(Model):
    """A case that the officer who found it has mended on the spot.

    `chosen` says why somebody else is to verify it; None where nobody need. `judged_at` is when somebody has, for the
    first time, and `passed` what they said.
    """

    __tablename__ = "found_cases"
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"))
    officer: Mapped[str] = mapped_column(Id)
    chosen: Mapped[str | None] = mapped_column(String(8))
    judged_at: Mapped[datetime | None] = mapped_column(UtcTime)
    passed: Mapped[bool | None] = mapped_column(Boolean)

    __table_args__ = (
        Index("ix_found_cases_officer", "officer", "judged_at", "case_id"),
        Index("uq_found_cases_submission_id", "submission_id", unique=True),
    )
