"""What is written to the trail, how it is sealed, and whether the seals hold."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from participate.audit.chain import START, Head, derived, link, proof
from participate.audit.models import AuditEntry, AuditHead
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, rows, transaction
from participate.kernel.ids import new_id
from participate.kernel.inserting import inserting

Detail = str | int | bool | None | Sequence[str]
_KEYS = "participate.audit.keys"
_PAGE = 1000  # entries
_ENTRY: tuple[Any, ...] = tuple(AuditEntry.__table__.columns)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Report:
    """How the trail stands: entries that the head vouches for, entries not yet sealed, and the first fault.

    `first_broken` is the lowest position at which the chain does not hold: there an entry was edited, removed,
    put in or moved. The position after the last means that the tail or the head was tampered with. `seal` is
    the last one.
    """

    sealed: int
    unsealed: int
    first_broken: int | None
    seal: str = field(default=START, compare=False)


class BrokenHead(Exception):
    """The head of the chain is not one that we made: to seal on would vouch for what somebody else did."""


def init_audit(app: Flask, secret_key: str, *former: str) -> None:
    """Let `app` seal with a key made from `secret_key`, and still trust seals made with `former` ones."""
    app.extensions[_KEYS] = tuple(derived(secret) for secret in (secret_key, *former))


def record(
    action: str,
    subject_type: str,
    subject_id: str,
    actor_id: str | None,
    reason: str | None = None,
    **details: Detail,
) -> str:
    """Append an entry to the caller's transaction and return its id.

    `action` is a stable code in the past tense (`submission.unmasked`), `actor_id` is None for the service
    itself. Details hold ids, codes and counts, never personal data: they outlive the erasure of an account.
    """
    entry = {
        "id": new_id(),
        "at": now(),
        "actor_id": actor_id,
        "action": action,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "reason": reason,
        "details": details,
    }
    with transaction() as session:
        session.execute(insert(AuditEntry), entry)
    return str(entry["id"])


def seal(batch: int = 1000) -> int:
    """Add the oldest unsealed entries to the chain, at most `batch`; returns how many.

    Zero means that none is left or that another process is at it. The new head is logged: whoever keeps the logs
    elsewhere can show what the chain was, even where somebody has the key. Raises BrokenHead rather than go on from
    a head that somebody else wrote.
    """
    if not rows(_unsealed(1)):
        return 0
    with transaction() as session:
        head = _take_head(session)
        waiting = rows(_unsealed(batch)) if head else []
        if head is None or not waiting:
            return 0
        head = _seal_all(session, head, waiting)
    _log.info("audit sealed", extra={"count": head.count, "seal": head.seal})
    return len(waiting)


def _take_head(session: Session) -> Head | None:
    """The head, locked until the transaction ends; None while another holds it."""
    first = Head()
    made = inserting(AuditHead).values(id=1, length=0, seal=first.seal, proof=proof(_keys()[0], first))
    session.execute(made.on_conflict_do_nothing())
    locked = select(AuditHead.length, AuditHead.seal, AuditHead.proof).where(AuditHead.id == 1)
    found = session.execute(locked.with_for_update(skip_locked=True)).one_or_none()
    if found is None:
        return None
    head = Head(found.length, found.seal)
    if not _proven(head, found.proof):
        raise BrokenHead(head.count)
    return head


def _proven(head: Head, shown: str | None) -> bool:
    return shown in {proof(key, head) for key in _keys()}


def _unsealed(batch: int) -> Select[*tuple[Any, ...]]:
    return select(*_ENTRY).where(AuditEntry.position.is_(None)).order_by(AuditEntry.id).limit(batch)


def _seal_all(session: Session, head: Head, waiting: Sequence[AnyRow]) -> Head:
    key, sealed = _keys()[0], []
    for entry in waiting:
        head = link(key, head, entry._asdict())
        sealed.append({"id": entry.id, "position": head.count, "seal": head.seal})
    session.execute(update(AuditEntry), sealed)
    present = {"length": head.count, "seal": head.seal, "proof": proof(key, head)}
    session.execute(update(AuditHead).where(AuditHead.id == 1).values(**present))
    return head


def verify() -> Report:
    """Follow the chain from its first entry, in constant memory, while others go on writing and sealing.

    Whoever can write to the database but lacks the key cannot change a sealed entry unseen. What was never sealed,
    and a trail emptied or put back to an older state as a whole, can be told only by the logged heads.
    """
    stand = _stand()
    head = Head(stand.length or 0, stand.seal or START)
    broken = _first_break(head)
    if broken is None and not _vouched(stand, head):
        broken = head.count + 1
    return Report(head.count, stand.unsealed, broken, head.seal)


def _stand() -> AnyRow:
    """The head and the counts in one statement, which is one look: what is sealed later is not in it."""
    entries, head = select(func.count()).select_from(AuditEntry), AuditHead.id == 1
    (stand,) = rows(
        select(
            entries.where(AuditEntry.position.is_not(None)).scalar_subquery().label("placed"),
            entries.where(AuditEntry.position.is_(None)).scalar_subquery().label("unsealed"),
            select(AuditHead.length).where(head).scalar_subquery().label("length"),
            select(AuditHead.seal).where(head).scalar_subquery().label("seal"),
            select(AuditHead.proof).where(head).scalar_subquery().label("proof"),
        )
    )
    return stand


def _vouched(stand: AnyRow, head: Head) -> bool:
    """Whether the head is one that we made, or none was needed yet, and no entry claims a place beyond it."""
    proven = _proven(head, stand.proof) if stand.length is not None else True
    return proven and bool(stand.placed == head.count)


def _first_break(end: Head) -> int | None:
    # A gap or a swap needs no look of its own: the seal covers the position and the seal before it.
    reached = Head()
    for entry in _sealed(end.count):
        following = {head.seal: head for head in (link(key, reached, entry._asdict()) for key in _keys())}
        if entry.seal not in following:
            break
        reached = following[entry.seal]
    return None if reached == end else reached.count + 1


def _sealed(last: int) -> Iterator[AnyRow]:
    """The sealed entries up to position `last`, a page at a time."""
    after = 0
    while found := rows(_sealed_page(after, last)):
        yield from found
        after = found[-1].position


def _sealed_page(after: int, last: int) -> Select[*tuple[Any, ...]]:
    place = AuditEntry.position
    return select(*_ENTRY).where(place > after, place <= last).order_by(place).limit(_PAGE)


def _keys() -> tuple[bytes, ...]:
    """The present key first."""
    keys: tuple[bytes, ...] = current_app.extensions[_KEYS]
    return keys
