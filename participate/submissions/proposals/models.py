"""Rows of proposals: who was asked to sign one too, under which number it is filed, and the last number of a year."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime

STATES = INVITED, SIGNED, DECLINED = ("invited", "signed", "declined")
MARKS = ("key", "excellent")


class CoSigner(Model):
    """A member who was asked to sign a proposal too, and what they said at `answered_at`.

    `merged_id` is the proposal that was merged into this one, where that is how they came: as its author, or as one who
    had signed it.
    """

    __tablename__ = "cosigners"
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    merged_id: Mapped[str | None] = mapped_column(Id)

    __table_args__ = (
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        Index("ix_cosigners_account_id", "account_id", "submission_id"),
    )


class Proposal(Model):
    """A proposal that is filed; its id is the submission's. `hard`: its answer may take twice as long.

    `member_id` is the member who wrote it in their office, for everyone to know: not who wishes to stay unnamed, nor
    who wrote a suggestion that others made a proposal of.
    """

    __tablename__ = "proposals"
    id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)
    year: Mapped[int]
    number: Mapped[int]
    filed_at: Mapped[datetime] = mapped_column(UtcTime)
    hard: Mapped[bool] = mapped_column(default=False)
    key: Mapped[bool] = mapped_column(default=False)
    excellent: Mapped[bool] = mapped_column(default=False)
    member_id: Mapped[str | None] = mapped_column(Id)

    __table_args__ = (
        Index("ix_proposals_member_id", "member_id", "id"),
        Index("uq_proposals_year_number", "year", "number", unique=True),
        *(
            Index(
                f"ix_proposals_{mark}",
                *("year", "number"),
                postgresql_where=text(f"{mark} IS true"),
                sqlite_where=text(f"{mark} IS 1"),
            )
            for mark in MARKS
        ),
    )


class ProposalYear(Model):
    """The last number that was given in a year: it is counted up under its lock, so that none is left out."""

    __tablename__ = "proposal_years"
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
