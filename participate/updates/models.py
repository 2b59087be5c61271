"""The feed: one entry for each fact that concerns its reader."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Json, Model, UtcTime
from participate.kernel.ids import new_id


class Feed(Model):
    """A reader's feed; `last` is the number of its latest entry, handed out under this row's lock.

    `has_channels` says that the reader is told by other channels too; nobody else's are looked for.
    """

    __tablename__ = "feeds"
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
    has_channels: Mapped[bool] = mapped_column(default=False, server_default=false())


class FeedEntry(Model):
    """What a reader hears; numbered without a gap per reader. `words` names the text, `values` fills it."""

    __tablename__ = "feed_entries"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    number: Mapped[int]
    fact_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcTime)
    submission_id: Mapped[str | None] = mapped_column(Id)
    move: Mapped[str] = mapped_column(String(32))
    words: Mapped[str] = mapped_column(String(64))
    following: Mapped[str | None] = mapped_column(String(64))
    values: Mapped[dict[str, Any]] = mapped_column(Json)
    due_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        Index("uq_feed_entries_account_id_number", "account_id", "number", unique=True),
        Index("uq_feed_entries_account_id_fact_id", "account_id", "fact_id", unique=True),
    )
