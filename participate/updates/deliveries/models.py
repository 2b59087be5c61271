"""Rows of what is sent, and of what a person has chosen to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, bindparam, text
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Json, Model, UtcTime, code
from participate.kernel.ids import new_id
from participate.submissions.models import REGIONS, region

WAITING, HANDING_OVER, SENT, DEAD, UNCERTAIN = "waiting", "handing_over", "sent", "dead", "uncertain"
DIGEST, CARRIED, MUTED = "digest", "carried", "muted"
STATES = (WAITING, HANDING_OVER, SENT, DEAD, UNCERTAIN, DIGEST, CARRIED, MUTED)
OPEN = (WAITING, HANDING_OVER)  # In line; within the line of a person and a channel, one after the other.
FAILED = (DEAD, UNCERTAIN)  # Staff see these, and may have them sent again.


def _where(states: tuple[str, ...], name: str, *columns: Any) -> Index:
    """An index over the rows in one of `states`."""
    condition = text(f"state IN ({', '.join(map(repr, states))})")
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


def among(state: Any, states: tuple[str, ...]) -> ColumnElement[bool]:
    """The condition that `state` is one of `states`, said in the statement: only then is such an index of use."""
    found: ColumnElement[bool] = state.in_(bindparam(None, states, expanding=True, literal_execute=True, unique=True))
    return found


class Delivery(Model):
    """What one person is told of one fact by one channel; its id is the key under which it is sent, however often.

    `number` is that of the feed entry that says it, none for a code. `concern` says how the fact concerns the person
    (see `concerns`), `priority` what goes first, `urgent` that it waits neither for quiet hours nor for its turn.

    `next_at` is when it is due, and ends the lease of whoever has claimed it; each claim counts in `attempts`.
    `due_at` is when it was due first. `at` is the fact's time, `sent_at` when the other side had taken it. `carried_by`
    names the digest that it goes with, `carries` says how many go with it. `area` is filled in where it failed, for the
    staff who look after that area.
    """

    __tablename__ = "deliveries"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    fact_id: Mapped[str] = mapped_column(Id)
    channel: Mapped[str] = mapped_column(String(16))
    number: Mapped[int | None]
    submission_id: Mapped[str | None] = mapped_column(Id)
    move: Mapped[str] = mapped_column(String(32))
    concern: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int]
    urgent: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    at: Mapped[datetime] = mapped_column(UtcTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    error: Mapped[str | None] = mapped_column(String(40))
    carried_by: Mapped[str | None] = mapped_column(Id)
    carries: Mapped[int]
    area: Mapped[str | None] = mapped_column(code(18))

    __table_args__ = (
        CheckConstraint(f"state IN {STATES!r}", name="state"),
        Index("uq_deliveries_account_id_fact_id_channel", "account_id", "fact_id", "channel", unique=True),
        Index("ix_deliveries_submission_id_fact_id", "submission_id", "fact_id"),
        # The line of a person on a channel; what is due on a channel; how long the oldest waits; how long each took.
        _where((*OPEN, DIGEST), "ix_deliveries_line", "account_id", "channel", "number"),
        _where((*OPEN, DIGEST), "ix_deliveries_due", "channel", "state", "priority", "next_at", "id"),
        _where(OPEN, "ix_deliveries_oldest", "channel", "due_at"),
        _where((SENT,), "ix_deliveries_sent", "channel", "sent_at"),
        _where((CARRIED,), "ix_deliveries_carried", "carried_by"),
        _where(FAILED, "ix_deliveries_failed", "id"),
    )


for _length, _name in REGIONS.items():
    _where(FAILED, f"ix_deliveries_failed_{_name}", region(Delivery.area, _length), Delivery.id).ddl_if("postgresql")


class ChannelChoice(Model):
    """What one person has chosen for one channel.

    `address` is by what the channel knows them; it serves once it is verified. A text message goes to the account's
    phone. Quiet hours are in minutes of the city's day, the digest in its hours; `muted` names concerns.
    `unsubscribe_id` stands for the row in addresses that work without signing in, and tells nothing of whose it is.
    """

    __tablename__ = "channel_choices"
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    on: Mapped[bool] = mapped_column(default=False)
    address: Mapped[dict[str, Any] | None] = mapped_column(Json)
    verified_at: Mapped[datetime | None] = mapped_column(UtcTime)
    language: Mapped[str | None] = mapped_column(String(10))
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    digest_hour: Mapped[int | None]
    muted: Mapped[list[Any]] = mapped_column(Json, default=list)
    unsubscribe_id: Mapped[str] = mapped_column(Id, unique=True)
    version: Mapped[int] = mapped_column(default=1)


class AddressCode(Model):
    """A code on its way to an address; it is made from SECRET_KEY and the row's id, and not kept."""

    __tablename__ = "address_codes"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[dict[str, Any]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        Index("ix_address_codes_account_id_created_at", "account_id", "created_at"),
        Index("ix_address_codes_digest_created_at", "digest", "created_at"),
    )
