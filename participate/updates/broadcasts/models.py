"""Rows of broadcasts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime, code
from participate.kernel.ids import new_id
from participate.updates.broadcasts.workflow import BROADCAST


class Broadcast(Model):
    """A notice to `area`; `people` is how many it was to reach when it was announced, `told` how many pages have.

    `after_area` and `after_account` say up to whom it has come.
    """

    __tablename__ = "broadcasts"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    area: Mapped[str] = mapped_column(code(18))
    text: Mapped[str]
    text_en: Mapped[str | None]
    urgent: Mapped[bool]
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    people: Mapped[int]
    told: Mapped[int] = mapped_column(default=0)
    decided_by: Mapped[str | None] = mapped_column(Id)
    after_area: Mapped[str] = mapped_column(code(18), default="")
    after_account: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint(f"state IN {BROADCAST.states!r}", name="state"),
        Index("ix_broadcasts_created_at", "created_at", "id"),
        Index("ix_broadcasts_author_id", "author_id", "created_at"),
    )

    @property
    def thread_id(self) -> str:
        """It is a story of its own."""
        return self.id
