"""What waits on the moderation desk."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Json, Model, UtcTime, code
from participate.kernel.ids import new_id

STATES = ("waiting", "decided", "dropped")
DECISIONS = ("accept", "return", "reject")
REASONS = ("duplicate", "out_of_scope", "unclear", "private_dispute", "abusive", "other")
URGENT, NORMAL = 0, 1


class ModerationTask(Model):
    """One look at one submission. A claim holds until `lease_until`; `not_by` has decided on it before.

    The queue's order is `rank`, `due_at`, `id`; `flag_codes` repeats the codes of `flags` between spaces, to be
    searched.
    """

    __tablename__ = "moderation_tasks"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(Id, ForeignKey("submissions.id"), index=True)
    fact_id: Mapped[str] = mapped_column(Id, unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(120))
    area: Mapped[str | None] = mapped_column(code(18))
    author_id: Mapped[str] = mapped_column(Id)
    not_by: Mapped[str | None] = mapped_column(Id)
    flags: Mapped[list[Any]] = mapped_column(Json, default=list)
    flag_codes: Mapped[str] = mapped_column(String(400), default=" ")
    rank: Mapped[int] = mapped_column(default=NORMAL)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    version: Mapped[int] = mapped_column(default=1)
    claimed_by: Mapped[str | None] = mapped_column(Id)
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime)
    decided_by: Mapped[str | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    decision: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        CheckConstraint(f"decision IN {DECISIONS!r}", name="decision"),
        Index("ix_moderation_tasks_queue", "state", "rank", "due_at", "id"),
    )
