"""Rows of devices."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime
from participate.kernel.ids import new_id


class Device(Model):
    """A browser's push subscription: where to (`endpoint`, found by its `digest`), and with which keys.

    `last_key` is that of the last message that its push service has taken.
    """

    __tablename__ = "push_devices"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    endpoint: Mapped[str] = mapped_column(String(500))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    p256dh: Mapped[str] = mapped_column(String(100))
    auth: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    last_key: Mapped[str | None] = mapped_column(Id)

    __table_args__ = (Index("ix_push_devices_account_id", "account_id", "id"),)
