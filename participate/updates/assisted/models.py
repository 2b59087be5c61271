"""Rows of what officers have filed for others, and of the calls by which these hear."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Json, Model, UtcTime
from participate.kernel.ids import new_id

SMS, CALL = HEARS_BY = ("sms", "call")
CONSENTS = ("oral", "paper")
_OPEN, _OVER = text("made_at IS NULL"), text("forget_at IS NOT NULL")


class Assisted(Model):
    """For whom `officer` has filed a submission, how they hear of it, and that they have agreed to all that.

    Their phone is that of the submission's author, and is kept nowhere else. Once the submission is over nobody needs
    their name, nor that of the witness: these are gone from `forget_at` on.
    """

    __tablename__ = "assisted"
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), primary_key=True)
    officer: Mapped[str] = mapped_column(Id)
    name: Mapped[str | None] = mapped_column(String(60))
    hears_by: Mapped[str] = mapped_column(String(8))
    consent: Mapped[str] = mapped_column(String(8))
    consented_at: Mapped[datetime] = mapped_column(UtcTime)
    witness: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    forget_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint(f"hears_by IN {HEARS_BY!r}", name="hears_by"),
        CheckConstraint(f"consent IN {CONSENTS!r}", name="consent"),
        Index("ix_assisted_forget_at", "forget_at", sqlite_where=_OVER, postgresql_where=_OVER),
    )


class Call(Model):
    """Somebody is to be called and told what has happened since they last were; one at a time for each submission.

    `tries` counts when nobody answered, `missed` how many times its work day was over without it. `version` tells
    apart what there was to say.
    """

    __tablename__ = "calls"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("assisted.submission_id"))
    officer: Mapped[str] = mapped_column(Id)
    opened_at: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    tries: Mapped[int] = mapped_column(default=0)
    missed: Mapped[int] = mapped_column(default=0, server_default="0")
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime | None] = mapped_column(UtcTime)
    made_by: Mapped[str | None] = mapped_column(Id)

    __table_args__ = (
        Index("uq_calls_open", "submission_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_calls_officer", "officer", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_calls_due", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )


class CallWord(Model):
    """One step that is to be told: `words` names the text, `values` fills it, as in a feed."""

    __tablename__ = "call_words"
    entry_id: Mapped[str] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(Id, ForeignKey("calls.id"))
    at: Mapped[datetime] = mapped_column(UtcTime)
    words: Mapped[str] = mapped_column(String(64))
    following: Mapped[str | None] = mapped_column(String(64))
    values: Mapped[dict[str, Any]] = mapped_column(Json)
    due_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (Index("ix_call_words_call_id", "call_id", "entry_id"),)
