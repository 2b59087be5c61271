"""Everything that waits has a row here saying until when, and one sweep acts on what is due."""

from datetime import datetime

from sqlalchemy import Index, String, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel import outbox
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, Id, Model, UtcTime, add, db, execute, one, rows, table, transaction
from participate.kernel.ids import new_id

SWEEP_BATCH = 200


class Deadline(Model):
    """One duty of one subject. `settled_at` is set when the duty is done or moot, `fired_at` when it was missed."""

    __tablename__ = "deadlines"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    subject_type: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(Id)
    duty: Mapped[str] = mapped_column(String(32))
    clock: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    fired_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        Index("ix_deadlines_subject", "subject_id", "duty"),
        Index(
            "ix_deadlines_open",
            "due_at",
            sqlite_where=db.text("settled_at IS NULL AND fired_at IS NULL"),
            postgresql_where=db.text("settled_at IS NULL AND fired_at IS NULL"),
        ),
    )


_NEW = insert(table(Deadline))
_OPEN = update(table(Deadline)).where(Deadline.subject_id == bindparam("subject"), Deadline.settled_at.is_(None))
_SETTLED = _OPEN.values(settled_at=bindparam("at"))
_OVERRUN = select(Deadline.duty).where(
    Deadline.subject_id == bindparam("subject"),
    Deadline.duty.in_(bindparam("duties", expanding=True)),
    Deadline.settled_at.is_(None),
    Deadline.due_at <= bindparam("at"),
)
_SOME_SETTLED = _SETTLED.where(Deadline.duty.in_(bindparam("duties", expanding=True)))


def start(subject_type: str, subject_id: str, duty: str, clock: str, due_at: datetime, fresh: bool = False) -> None:
    """Set a deadline; one that still runs for the same duty is settled first, where the subject is not `fresh`."""
    if not fresh:
        settle(subject_id, duty)
    deadline = {"id": new_id(), "subject_type": subject_type, "subject_id": subject_id, "duty": duty, "clock": clock}
    add(_NEW, deadline | {"started_at": now(), "due_at": due_at})


def settle(subject_id: str, *duties: str) -> None:
    """The named duties (all of them if none is named) of this subject are done or moot."""
    asked = {"subject": subject_id, "at": now()}
    if duties:
        execute(_SOME_SETTLED, asked | {"duties": duties})
    else:
        execute(_SETTLED, asked)


def clock_of(subject_id: str, duty: str) -> str | None:
    """By which clock the subject's last deadline of the duty counts, whether it still runs or not."""
    held = Deadline
    latest = select(held.clock).where(held.subject_id == subject_id, held.duty == duty).order_by(held.id.desc())
    found = one(latest.limit(1))
    return found.clock if found else None


def running(subject_id: str, duty: str) -> AnyRow | None:
    """`started_at`, `due_at` and `clock` of a duty that is still to be done, also where its time is over."""
    held = Deadline
    asked = select(held.started_at, held.due_at, held.clock)
    asked = asked.where(held.subject_id == subject_id, held.duty == duty, held.settled_at.is_(None))
    return one(asked.order_by(held.id.desc()).limit(1))


def missed(subject_id: str, duty: str) -> bool:
    """Whether the duty's time was told to be over, and it has neither been done nor been given more time since."""
    held = Deadline
    late = select(held.id).where(
        held.subject_id == subject_id, held.duty == duty, held.settled_at.is_(None), held.fired_at.is_not(None)
    )
    return one(late.limit(1)) is not None


def overrun(subject_id: str, *duties: str) -> set[str]:
    """Those of the duties that are still to be done and whose time is over, whether a sweep has come by or not."""
    asked = {"subject": subject_id, "duties": duties, "at": now()}
    return {row.duty for row in rows(_OVERRUN, asked)}


def sweep() -> int:
    """Record the fact `<subject>.<duty>_due` for what is due, once each; returns how many.

    Several sweepers may run at once: each takes rows that no other holds.
    """
    held = Deadline
    due = (
        select(held.id)
        .where(held.settled_at.is_(None), held.fired_at.is_(None), held.due_at <= now())
        .order_by(held.due_at)
        .limit(SWEEP_BATCH)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    with transaction():
        fired = rows(
            update(held)
            .where(held.id.in_(due), held.fired_at.is_(None))
            .values(fired_at=now())
            .returning(held.subject_type, held.subject_id, held.duty, held.due_at)
        )
        for row in fired:
            outbox.record(f"{row.subject_type}.{row.duty}_due", row.subject_type, row.subject_id, {"duty": row.duty})
    return len(fired)
