"""Rows of consultations: what is stated, who has voted how, and the picture that it makes."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from participate.consultations.workflow import ROUND, STATEMENT
from participate.kernel.db import Id, Json, Model, UtcTime, code
from participate.kernel.ids import new_id

_HAS_ADDRESS = text("address IS NOT NULL")


class Consultation(Model):
    """What a submission of that kind has besides; its id is the submission's.

    Votes count until `closes_at`, if there is such a day. `stale` says that there are votes which `picture` does not
    show yet; `memory` is what that leaves to the next one (see `opinion.Memory`). `outcomes` says what becomes of it,
    `minutes` how it was talked over. `sides` are those who are invited (see the module of that name), `parts` how each
    has voted (likewise), and `rounds` how many were ever planned: where there is any, votes count in rounds alone.
    """

    __tablename__ = "consultations"
    id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)
    area: Mapped[str | None] = mapped_column(code(18))
    closes_at: Mapped[datetime | None] = mapped_column(UtcTime)
    stale: Mapped[bool] = mapped_column(default=False)
    picture: Mapped[dict[str, Any] | None] = mapped_column(Json)
    memory: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    outcomes: Mapped[list[Any]] = mapped_column(Json, default=list)
    minutes: Mapped[str | None]
    sides: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    parts: Mapped[list[Any] | None] = mapped_column(Json)
    rounds: Mapped[int] = mapped_column(default=0, server_default="0")
    version: Mapped[int] = mapped_column(default=1)


class Round(Model):
    """A time in which people state and vote: announced at `notice_at`, open from `opens_at` to `closes_at`.

    `papers` are what is to be read before. Where `invited_only`, the invited sides alone take part.
    """

    __tablename__ = "consultation_rounds"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    consultation_id: Mapped[str] = mapped_column(Id, ForeignKey("consultations.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    notice_at: Mapped[datetime] = mapped_column(UtcTime)
    opens_at: Mapped[datetime] = mapped_column(UtcTime)
    closes_at: Mapped[datetime] = mapped_column(UtcTime)
    invited_only: Mapped[bool]
    papers: Mapped[list[Any]] = mapped_column(Json)

    __table_args__ = (
        CheckConstraint(f"state IN {ROUND.states!r}", name="state"),
        CheckConstraint("notice_at < opens_at AND opens_at < closes_at", name="order"),
        Index("ix_consultation_rounds_consultation_id", "consultation_id", "opens_at", "id"),
    )

    @property
    def thread_id(self) -> str:
        """It is told within the consultation's story."""
        return self.consultation_id


class Statement(Model):
    """One thing that may be agreed to; `extremity` is how far it pulls people apart (see `opinion`).

    `sides` are those to which its author belonged when it was made, as a number: see `sides`.
    """

    __tablename__ = "statements"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    consultation_id: Mapped[str] = mapped_column(Id, ForeignKey("consultations.id"))
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    text: Mapped[str]
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    agrees: Mapped[int] = mapped_column(default=0)
    disagrees: Mapped[int] = mapped_column(default=0)
    passes: Mapped[int] = mapped_column(default=0)
    extremity: Mapped[float] = mapped_column(default=0.0)
    sides: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint(f"state IN {STATEMENT.states!r}", name="state"),
        Index("ix_statements_consultation_id", "consultation_id", "state", "id"),
        Index("ix_statements_author_id", "author_id", "consultation_id", "id"),
    )

    @property
    def thread_id(self) -> str:
        """It is told within the consultation's story."""
        return self.consultation_id


class Vote(Model):
    """How somebody has voted on a statement: 1 agrees, -1 disagrees, 0 passes; and to which `sides` they belonged."""

    __tablename__ = "votes"
    statement_id: Mapped[str] = mapped_column(Id, ForeignKey("statements.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"), primary_key=True)
    value: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[datetime] = mapped_column(UtcTime)
    sides: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (CheckConstraint("value IN (-1, 0, 1)", name="value"),)


class Participant(Model):
    """Somebody who has stated something or voted, and hears what comes of it.

    `at` is when they first did, and `address` a hash of whence, as long as it is kept: see `signs`.
    """

    __tablename__ = "participants"
    consultation_id: Mapped[str] = mapped_column(Id, ForeignKey("consultations.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"), primary_key=True)
    at: Mapped[datetime | None] = mapped_column(UtcTime)
    address: Mapped[str | None] = mapped_column(String(32))

    __table_args__ = (Index("ix_participants_address", "at", sqlite_where=_HAS_ADDRESS, postgresql_where=_HAS_ADDRESS),)


class Origin(Model):
    """The cluster of cases that a consultation was opened from, as it was then; its id is the submission's."""

    __tablename__ = "consultation_origins"
    id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)
    category: Mapped[str] = mapped_column(code(40))
    area: Mapped[str] = mapped_column(code(18))
    cases: Mapped[int]
    since: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (Index("ix_consultation_origins_area", "area", "category"),)
