"""The hinge between the web half and the worker half: facts, written with the change that made them.

A fact is a row; each subscriber's errand about it is another. Whoever works an errand off does so in one
transaction that also removes the errand, so its effect happens once however often it is tried.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ForeignKey, Index, String, delete, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel import logs
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, Id, Json, Model, UtcTime, after_commit, db, one, rows, transaction
from participate.kernel.ids import new_id

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 8
_LONGEST_PAUSE_SECONDS = 600

_log = logging.getLogger(__name__)


class OutboxFact(Model):
    """Something that happened, named in the past tense; `data` holds ids and codes, nothing about persons."""

    __tablename__ = "outbox_facts"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64))
    subject_type: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(Id)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    request_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime)


class OutboxErrand(Model):
    """What one subscriber still has to do about one fact. Claiming moves `next_at` forward by a lease."""

    __tablename__ = "outbox_errands"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    fact_id: Mapped[str] = mapped_column(Id, ForeignKey("outbox_facts.id"))
    subscriber: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcTime)
    dead: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        Index("uq_outbox_errands_fact_id_subscriber", "fact_id", "subscriber", unique=True),
        Index("ix_outbox_errands_open", "dead", "kind", "next_at"),
    )


@dataclass(frozen=True)
class Fact:
    """A fact as its subscribers get it."""

    id: str
    name: str
    subject_type: str
    subject_id: str
    data: dict[str, Any]
    at: datetime


Handler = Callable[[Fact], None]


@dataclass(frozen=True)
class Subscriber:
    """Who acts on a fact.

    `handle` does it, inside the transaction that removes the errand. Work that is long or touches no row goes into
    `prepare`, which runs before that transaction; what it returns is handed to `handle`. `give_up` acts instead
    once `max_attempts` have failed or died.
    """

    name: str
    kind: str
    handle: Callable[..., None]
    prepare: Callable[[Fact], Any] | None = None
    give_up: Handler | None = None
    max_attempts: int = MAX_ATTEMPTS


class Subscriptions:
    """Which rooms asked to hear of which facts; filled by `create_app`."""

    def __init__(self) -> None:
        self.by_fact: dict[str, list[Subscriber]] = {}
        self.by_name: dict[str, Subscriber] = {}

    def add(self, subscriber: Subscriber, *facts: str) -> None:
        """`subscriber` hears of each of `facts`."""
        self.by_name[subscriber.name] = subscriber
        for fact in facts:
            self.by_fact.setdefault(fact, []).append(subscriber)

    @property
    def kinds(self) -> set[str]:
        """The kinds of work there are: each has its queue."""
        return {subscriber.kind for subscriber in self.by_name.values()}


def subscriptions() -> Subscriptions:
    """The present application's subscriptions."""
    found: Subscriptions = current_app.extensions["participate.subscriptions"]
    return found


def record(name: str, subject_type: str, subject_id: str, data: dict[str, Any] | None = None) -> str:
    """Write a fact and its subscribers' errands into the open transaction; returns the fact's id."""
    moment = now()
    fact = OutboxFact(
        id=new_id(),
        name=name,
        subject_type=subject_type,
        subject_id=subject_id,
        data=data or {},
        request_id=logs.request_id.get(),
        at=moment,
    )
    db.session.add(fact)
    db.session.flush()
    heard_by = subscriptions().by_fact.get(name, [])
    for subscriber in heard_by:
        db.session.add(OutboxErrand(fact_id=fact.id, subscriber=subscriber.name, kind=subscriber.kind, next_at=moment))
    for kind in {subscriber.kind for subscriber in heard_by}:
        ring(kind)
    return fact.id


def ring(kind: str) -> None:
    """Wake the workers of `kind` once the open transaction has landed."""
    waker = current_app.extensions["participate.waker"]
    after_commit(f"wake {kind}", lambda: waker([kind]))


def waiting_kinds() -> list[str]:
    """The kinds that have work due."""
    errand = OutboxErrand
    return [
        kind
        for kind in sorted(subscriptions().kinds)
        if one(select(errand.id).where(errand.dead.is_(False), errand.kind == kind, errand.next_at <= now()).limit(1))
    ]


def work_off(kind: str, limit: int) -> int:
    """Claim up to `limit` due errands of `kind` and do them; returns how many were claimed."""
    claimed = _claim(kind, limit)
    for errand in claimed:
        _attempt(errand)
    return len(claimed)


def _claim(kind: str, limit: int) -> Sequence[AnyRow]:
    """Take errands for a lease; another worker skips them, and a dead worker's come back when it ends."""
    errand = OutboxErrand
    due = (
        select(errand.id)
        .where(errand.dead.is_(False), errand.kind == kind, errand.next_at <= now())
        .order_by(errand.next_at, errand.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    with transaction():
        claimed = rows(
            update(errand)
            .where(errand.id.in_(due))
            .values(next_at=now() + LEASE, attempts=errand.attempts + 1)
            .returning(errand.id, errand.fact_id, errand.subscriber, errand.attempts)
        )
    # Facts in their order, and about each its subscribers in theirs: RETURNING promises none.
    return sorted(claimed, key=lambda row: (str(row.fact_id), str(row.id)))


def _attempt(errand: AnyRow) -> None:
    fact, request_id = _fact(errand.fact_id)
    logs.begin(request_id)
    try:
        # A subscriber that only a newer release knows fails here, and waits for a worker of that release.
        subscriber = subscriptions().by_name[errand.subscriber]
        if errand.attempts > subscriber.max_attempts:
            _give_up(errand, subscriber, fact)
            return
        prepared = (subscriber.prepare(fact),) if subscriber.prepare else ()
        with transaction():
            _finish(errand)
            subscriber.handle(fact, *prepared)
    except _LostLease:
        _log.info("errand taken over by another worker", extra={"errand": errand.id})
    except Exception as error:
        _log.exception("errand failed", extra={"subscriber": errand.subscriber, "fact": fact.name})
        _postpone(errand, error)


def _give_up(errand: AnyRow, subscriber: Subscriber, fact: Fact) -> None:
    """The subscriber's own last resort, or a dead end that staff see and that is not tried again by itself."""
    held = OutboxErrand
    with transaction() as session:
        if subscriber.give_up is not None:
            _finish(errand)
            subscriber.give_up(fact)
        else:
            session.execute(update(held).where(held.id == errand.id).values(dead=True))
            _log.error("errand given up", extra={"subscriber": errand.subscriber, "errand": errand.id})


def _fact(fact_id: str) -> tuple[Fact, str]:
    held = OutboxFact
    row = one(select(held).with_only_columns(*held.__table__.columns).where(held.id == fact_id))
    assert row is not None  # noqa: S101 - the foreign key keeps a fact as long as its errands
    return Fact(row.id, row.name, row.subject_type, row.subject_id, row.data, row.at), row.request_id


class _LostLease(Exception):
    """The lease ran out and another worker has the errand."""


def _finish(errand: AnyRow) -> None:
    """Remove the errand in its own effect's transaction, unless someone else has taken it over."""
    held = OutboxErrand
    statement = delete(held).where(held.id == errand.id, held.attempts == errand.attempts).returning(held.id)
    if not rows(statement):
        raise _LostLease


def _postpone(errand: AnyRow, error: Exception) -> None:
    pause = min(2.0**errand.attempts, _LONGEST_PAUSE_SECONDS) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
    held = OutboxErrand
    with transaction() as session:
        session.execute(
            update(held)
            .where(held.id == errand.id, held.attempts == errand.attempts)
            .values(next_at=now() + timedelta(seconds=pause), last_error=type(error).__name__)
        )


def backlog() -> dict[str, int]:
    """How many errands of each kind are open, and how many are dead (under `dead`)."""
    counted = rows(text("SELECT CASE WHEN dead THEN 'dead' ELSE kind END, count(*) FROM outbox_errands GROUP BY 1"))
    return {str(row[0]): int(row[1]) for row in counted}


def dead() -> Sequence[AnyRow]:
    """The errands that were given up: `id`, `subscriber`, `fact`, `subject_id`, `last_error`, `at`, oldest first."""
    errand, fact = OutboxErrand, OutboxFact
    columns = (errand.id, errand.subscriber, fact.name.label("fact"), fact.subject_id, errand.last_error, fact.at)
    return rows(select(*columns).join(fact, fact.id == errand.fact_id).where(errand.dead).order_by(fact.id).limit(1000))


def revive() -> int:
    """Let what was given up be tried again from the start; returns how many errands that were."""
    errand = OutboxErrand
    with transaction():
        back = update(errand).where(errand.dead).values(dead=False, attempts=0, next_at=now())
        return len(rows(back.returning(errand.id)))
