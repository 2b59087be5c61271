"""Rows of what is followed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime, code
from participate.kernel.ids import new_id


class Follow(Model):
    """One thing that somebody follows; `key` is its name, by which followers are found (see `keys`)."""

    __tablename__ = "follows"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    key: Mapped[str] = mapped_column(code(80))
    what: Mapped[str] = mapped_column(String(12))
    submission_id: Mapped[str | None] = mapped_column(Id)
    category: Mapped[str | None] = mapped_column(code(40))
    area: Mapped[str | None] = mapped_column(code(18))
    created_at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (
        Index("uq_follows_key_account_id", "key", "account_id", unique=True),
        Index("ix_follows_account_id", "account_id", "id"),
        Index("ix_follows_area", "what", "area", "account_id"),
    )
