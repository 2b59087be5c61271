"""Rows of webhooks."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Json, Model, UtcTime, code


class Webhook(Model):
    """A machine that hears the public steps in `area`, or of what `unit` handles; of these `kinds`, or of all.

    It reads like a person: under its id it has an account, by which nobody can sign in, with a feed of its own, and a
    `ChannelChoice` whose address holds its `url`, its `secret` and the `former` ones. While `disabled_at` is set it is
    told nothing, `disabled_why` says why; `failing_since` is when the first failed of those that failed in a row.
    """

    __tablename__ = "webhooks"
    id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"), primary_key=True)
    owner_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    area: Mapped[str | None] = mapped_column(code(18))
    unit: Mapped[str | None] = mapped_column(Id)
    kinds: Mapped[list[Any]] = mapped_column(Json)
    description: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    version: Mapped[int]
    failing_since: Mapped[datetime | None] = mapped_column(UtcTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    disabled_why: Mapped[str | None] = mapped_column(String(40))

    __table_args__ = (
        CheckConstraint("(area IS NULL) <> (unit IS NULL)", name="one_scope"),
        Index("ix_webhooks_owner_id", "owner_id", "id"),
        Index("ix_webhooks_area", "area"),
        Index("ix_webhooks_unit", "unit"),
    )
