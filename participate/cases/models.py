"""Rows of cases."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from participate.cases.workflow import CASE
from participate.kernel.db import Id, Json, Model, UtcTime, code
from participate.kernel.ids import new_id

_TOLD = text("told_at IS NOT NULL")


class Case(Model):
    """The handling of one submission. `area` is the handling area at `level` (1 community … 4 city).

    Its holder is `assignee` (an account) or `unit`; `due_at` is the next deadline that its level answers for.
    `routed` says which dispatch rule of which version it met, and on what; or without a rule, by what of it the unit
    is responsible. `supervising_unit` is the unit that watches over it by the catalogue.
    `flags` are codes of what makes one doubt its after-photos.

    `warned` is the share of the level's time, in percent, over which somebody was warned last. `feedback_due_at` is set
    while those who have passed it up wait to hear what is done about it.

    `objected` is set once a holder at its level has said that it is not theirs, `designated` while whom the dispatcher
    named upon that has it. Of a clock that stands still,
    `left_ms` and `left_clock` say what was left, and `waits_for` why. `extension_until` is asked for and not decided
    on yet, `extensions` how often its level was given more time. `answer_class` is that of the final reply.

    `found` says that an officer has found it on their round. Where they have mended it on the spot, `sampled` is
    whether somebody else is to verify that; it is None from then on, and for all else, which always is verified.

    `excluded` says whether what its submitter said of it counts in no figure; None where that was settled before it was
    kept here, and its mark in the figures alone knows.

    `told_at` is when its submission's author was told of a step of it last, None while no level owes them a word. What
    the service itself says for want of one does not count.

    `answer` is that to a proposal while it waits to be audited: see `audits`.

    `make_safe_due_at` is until when a danger must be averted, None where there is none (any more), and `made_safe_at`
    when it was.

    Of its co-handlers, `cohandlers` says how many there are, `unsigned` how many have not countersigned the `draft`
    of the final reply, and `withheld` how many of these have declined to, or let their time pass.

    A part of it that others handle is a case too, with the id of the one that leads in `part_of`, and the ids of its
    own `after_photos`. Of a lead's parts, `parts` says how many were ever made, `parts_open` and `parts_done` how many
    are still being handled, and how many are done.
    """

    __tablename__ = "cases"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(String(11), unique=True)
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"))
    part_of: Mapped[str | None] = mapped_column(Id)
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
    supervising_unit: Mapped[str | None] = mapped_column(Id)
    resolved_by: Mapped[str | None] = mapped_column(Id)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    make_safe_due_at: Mapped[datetime | None] = mapped_column(UtcTime)
    made_safe_at: Mapped[datetime | None] = mapped_column(UtcTime)
    opened_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    objected: Mapped[bool] = mapped_column(default=False, server_default=false())
    designated: Mapped[bool] = mapped_column(default=False, server_default=false())
    left_ms: Mapped[int | None] = mapped_column(BigInteger)
    left_clock: Mapped[str | None] = mapped_column(String(16))
    waits_for: Mapped[str | None] = mapped_column(String(16))
    extension_until: Mapped[datetime | None] = mapped_column(UtcTime)
    extensions: Mapped[int] = mapped_column(default=0, server_default="0")
    warned: Mapped[int] = mapped_column(default=0, server_default="0")
    feedback_due_at: Mapped[datetime | None] = mapped_column(UtcTime)
    answer_class: Mapped[str | None] = mapped_column(String(1))
    routed: Mapped[dict[str, Any] | None] = mapped_column(Json)
    flags: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    cohandlers: Mapped[int] = mapped_column(default=0, server_default="0")
    unsigned: Mapped[int] = mapped_column(default=0, server_default="0")
    withheld: Mapped[int] = mapped_column(default=0, server_default="0")
    draft: Mapped[dict[str, Any] | None] = mapped_column(Json)
    answer: Mapped[dict[str, Any] | None] = mapped_column(Json)
    parts: Mapped[int] = mapped_column(default=0, server_default="0")
    parts_open: Mapped[int] = mapped_column(default=0, server_default="0")
    parts_done: Mapped[int] = mapped_column(default=0, server_default="0")
    after_photos: Mapped[list[Any] | None] = mapped_column(Json)
    found: Mapped[bool] = mapped_column(default=False, server_default=false())
    sampled: Mapped[bool | None]
    excluded: Mapped[bool | None] = mapped_column(default=False)
    told_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint(f"state IN {CASE.states!r}", name="state"),
        CheckConstraint("level BETWEEN 1 AND 4", name="level"),
        Index("ix_cases_assignee", "assignee", "open", "due_at", "id"),
        Index("ix_cases_unit", "unit", "open", "due_at", "id"),
        Index("ix_cases_open", "open", "due_at", "id"),
        Index("ix_cases_area", "area", "open"),
        Index("ix_cases_cell", "cell", "open", "due_at", "id"),
        Index("ix_cases_told", "told_at", "id", sqlite_where=_TOLD, postgresql_where=_TOLD),
        Index(
            "ix_cases_supervising_unit",
            "supervising_unit",
            "open",
            "due_at",
            "id",
            sqlite_where=text("supervising_unit IS NOT NULL"),
            postgresql_where=text("supervising_unit IS NOT NULL"),
        ),
        Index(
            "ix_cases_withheld",
            "due_at",
            "id",
            sqlite_where=text("withheld > 0"),
            postgresql_where=text("withheld > 0"),
        ),
        Index(
            "uq_cases_lead",
            "submission_id",
            unique=True,
            sqlite_where=text("part_of IS NULL"),
            postgresql_where=text("part_of IS NULL"),
        ),
        Index(
            "ix_cases_part_of",
            "part_of",
            "id",
            sqlite_where=text("part_of IS NOT NULL"),
            postgresql_where=text("part_of IS NOT NULL"),
        ),
        Index(
            "ix_cases_sampled",
            "due_at",
            "id",
            sqlite_where=text("sampled IS 1"),
            postgresql_where=text("sampled IS true"),
        ),
    )

    @property
    def thread_id(self) -> str:
        """A case is told within its submission's story."""
        return self.submission_id


class CaseHolding(Model):
    """A stretch of time for which a case was in the same hands: a level, its area, and there one holder or none yet.

    It begins as the former one ends, and the last one ends with verification: from then on the submitter is waited
    for. `worked_ms` is how much of it lay within working hours by the calendar of the day on which it ended.
    """

    __tablename__ = "case_holdings"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("cases.id"))
    level: Mapped[int]
    area: Mapped[str | None] = mapped_column(code(18))
    assignee: Mapped[str | None] = mapped_column(Id)
    unit: Mapped[str | None] = mapped_column(Id)
    since: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime | None] = mapped_column(UtcTime)
    worked_ms: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_case_holdings_case_id", "case_id", "since", "id"),
        Index(
            "uq_case_holdings_current",
            "case_id",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )
