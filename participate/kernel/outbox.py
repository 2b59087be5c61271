"""The hinge between the web half and the worker half: facts, written with the change that made them.

A fact is a row; each subscriber's errand about it is another. Whoever works an errand off does so in one
transaction that also removes the errand, so its effect happens once however often it is tried.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ForeignKey, Index, String, insert, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel import logs, tally
from participate.kernel.clock import now
from participate.kernel.db import (
    AnyRow,
    Id,
    Json,
    Model,
    UtcTime,
    add,
    after_commit,
    one,
    rows,
    table,
    transaction,
)
from participate.kernel.ids import new_id

MAX_ATTEMPTS = 8


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


_IN_LINE: dict[str, Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), text("line IS NOT NULL"))


class OutboxErrand(Model):
    """What one subscriber still has to do about one fact. Claiming moves `next_at` forward by a lease.

    Where its subscriber acts `in_line`, it waits for those of a lower `place` in the same `line`: the facts of the same
    story that came before.
    """

    __tablename__ = "outbox_errands"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    fact_id: Mapped[str] = mapped_column(Id, ForeignKey("outbox_facts.id"))
    subscriber: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcTime)
    dead: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None] = mapped_column(String(200))
    line: Mapped[str | None] = mapped_column(Id)
    place: Mapped[str | None] = mapped_column(Id)

    __table_args__ = (
        Index("uq_outbox_errands_fact_id_subscriber", "fact_id", "subscriber", unique=True),
        Index("ix_outbox_errands_open", "dead", "kind", "next_at"),
        Index("ix_outbox_errands_line", "subscriber", "line", "place", **_IN_LINE),
    )


_FACT, _ERRAND = insert(table(OutboxFact)), insert(table(OutboxErrand))


@dataclass(frozen=True)
class Fact:
    """A fact as its subscribers get it."""

    id: str
    name: str
    subject_type: str
    subject_id: str
    data: dict[str, Any]
    at: datetime
    request_id: str = ""


Handler = Callable[[Fact], None]


@dataclass(frozen=True)
class Subscriber:
    """Who acts on a fact.

    `handle` does it, inside the transaction that removes the errand. Where `many` is set it takes a list of facts,
    whose errands land together. Work that is long or touches no row goes into `prepare`, which runs before that
    transaction; what it returns is handed to `handle`. `give_up` acts instead once `max_attempts` have failed or died.

    `in_line`: of each story (`thread` in the facts' data) one fact after another, however many workers there are. What
    goes on where another fact has ended names that as its `origin`, and takes its place. `crowd`: many hear of it, some
    at a time; between two goes, all others' work of the kind that is due is done.
    """

    name: str
    kind: str
    handle: Callable[..., None]
    prepare: Callable[[Fact], Any] | None = None
    give_up: Handler | None = None
    max_attempts: int = MAX_ATTEMPTS
    many: bool = False
    in_line: bool = False
    crowd: bool = False


class Subscriptions:
    """Which rooms asked to hear of which facts; filled by `create_app`."""

    def __init__(self) -> None:
        self.by_fact: dict[str, list[Subscriber]] = {}
        self.by_name: dict[str, Subscriber] = {}
        self.looks: dict[str, Callable[[], bool]] = {}  # By kinds of work whose rows are no errands: is any due?

    def add(self, subscriber: Subscriber, *facts: str) -> None:
        """`subscriber` hears of each of `facts`."""
        self.by_name[subscriber.name] = subscriber
        for fact in facts:
            self.by_fact.setdefault(fact, []).append(subscriber)

    @property
    def kinds(self) -> set[str]:
        """The kinds of work there are: each has its queue."""
        return {subscriber.kind for subscriber in self.by_name.values()} | self.looks.keys()

    def crowds(self, kind: str) -> list[str]:
        """Those who tell many of something, by work of this kind."""
        return sorted(name for name, each in self.by_name.items() if each.crowd and each.kind == kind)


def subscriptions() -> Subscriptions:
    """The present application's subscriptions."""
    found: Subscriptions = current_app.extensions["participate.subscriptions"]
    return found


def record(name: str, subject_type: str, subject_id: str, data: dict[str, Any] | None = None) -> str:
    """Write a fact and its subscribers' errands into the open transaction; returns the fact's id."""
    fact_id, moment = new_id(), now()
    fact = {
        "id": fact_id,
        "name": name,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "data": data or {},
        "request_id": logs.request_id.get(),
        "at": moment,
    }
    add(_FACT, fact)
    heard_by = subscriptions().by_fact.get(name, ())
    for subscriber in heard_by:
        errand = {"id": new_id(), "fact_id": fact_id, "subscriber": subscriber.name, "kind": subscriber.kind}
        add(_ERRAND, errand | {"next_at": moment} | _stand(subscriber, fact_id, data or {}))
    for kind in {subscriber.kind for subscriber in heard_by}:
        ring(kind)
    after_commit(f"count {fact_id}", lambda: tally.count("participate_facts", fact=name))
    return fact_id


def _stand(subscriber: Subscriber, fact_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """Where the errand stands in line."""
    line = data.get("thread") if subscriber.in_line else None
    return {"line": line, "place": data.get("origin", fact_id) if line else None}


def each(facts: Iterable[Fact]) -> Iterator[Fact]:
    """The facts one by one; meanwhile, what is logged and recorded bears the id of the request that caused it."""
    for fact in facts:
        logs.begin(fact.request_id)
        yield fact


def ring(kind: str) -> None:
    """Wake the workers of `kind` once the open transaction has landed."""
    waker = current_app.extensions["participate.waker"]
    after_commit(f"wake {kind}", lambda: waker([kind]))


def waiting_kinds() -> list[str]:
    """The kinds that have work due."""
    looks = subscriptions().looks
    return [kind for kind in sorted(subscriptions().kinds) if (looks[kind]() if kind in looks else _waits(kind))]


def _waits(kind: str) -> bool:
    errand = OutboxErrand
    due = errand.dead.is_(False), errand.kind == kind, errand.next_at <= now()
    return one(select(errand.id).where(*due).limit(1)) is not None


def is_late(subscriber: str, by: timedelta) -> bool:
    """Whether work of this subscriber's kind has been due for longer than `by`."""
    errand = OutboxErrand
    open_ones = (errand.dead.is_(False), errand.kind == subscriptions().by_name[subscriber].kind)
    return one(select(errand.id).where(*open_ones, errand.next_at < now() - by).limit(1)) is not None


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
