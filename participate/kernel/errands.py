"""Works errands off: claims them for a lease, does each with its effect in one transaction, tries again what fails."""

import logging
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Update, bindparam, delete, exists, select, true, tuple_, update

from participate.kernel import logs, tally
from participate.kernel.clock import now
from participate.kernel.db import execute, one, rows, table, transaction
from participate.kernel.errors import Unavailable
from participate.kernel.outbox import Fact, OutboxErrand, OutboxFact, Subscriber, subscriptions

LEASE = timedelta(seconds=30)
OUTCOMES = ("done", "failed", "taken_over", "given_up")
LONGEST_PAUSE_SECONDS = 600
_AWAY_SECONDS = 15

_log = logging.getLogger(__name__)
_ERRANDS = table(OutboxErrand)
_HELD = _ERRANDS.c


@dataclass(frozen=True)
class Errand:
    """One that is claimed, with its fact; `attempts` counts this one."""

    id: str
    subscriber: str
    attempts: int
    fact: Fact


def work_off(kind: str, limit: int, stopping: Callable[[], bool] = lambda: False) -> int:
    """Claim up to `limit` due errands of `kind` and do them; returns how many were claimed.

    What many can be done of at once lands in one transaction; if that fails, each subscriber's in one of its own; what
    fails then, each alone. Each subscriber gets its facts in their order. At last one of those who tell crowds has a
    go: nobody else's work, which is looked for again right after, waits for more of them than one. Once `stopping`, it
    finishes what is at hand, gives back the others and returns 0.
    """
    done = _work_off(claim(kind, limit), stopping)
    teller = None if stopping() else _waiting_teller(kind)
    if teller is not None:
        done += _work_off(claim(kind, limit, teller), stopping)
    return 0 if stopping() else done


def _work_off(claimed: Sequence[Errand], stopping: Callable[[], bool]) -> int:
    units = list(_units(claimed))
    together = [unit for unit in units if len(unit) > 1]
    if len(together) > 1 and not stopping() and _done_together(*together):
        units = [unit for unit in units if len(unit) == 1]
    for number, unit in enumerate(units):
        if stopping():
            _give_back([errand for rest in units[number:] for errand in rest])
            return 0
        if len(unit) == 1 or not _done_together(unit):
            for errand in unit:
                attempt(errand)
    return len(claimed)


def _units(claimed: Sequence[Errand]) -> Iterator[list[Errand]]:
    """What is done at one go: the first attempts of a subscriber that takes many, any other errand alone.

    So what spoils it for the others, were it by killing the process, is by itself the next time.
    """
    for name in sorted({errand.subscriber for errand in claimed}):  # So two workers lock things in the same order.
        mine, subscriber = (
            [errand for errand in claimed if errand.subscriber == name],
            subscriptions().by_name.get(name),
        )
        first = [errand for errand in mine if errand.attempts == 1] if subscriber and subscriber.many else []
        if first:
            yield first
        yield from ([errand] for errand in mine if errand not in first)


def _give_back(claimed: Sequence[Errand]) -> None:
    """Make errands due again that were claimed and not begun, as though they had not been."""
    ours = tuple_(_HELD.id, _HELD.attempts).in_([(errand.id, errand.attempts) for errand in claimed])
    with transaction():
        execute(update(_ERRANDS).where(ours).values(next_at=now(), attempts=_HELD.attempts - 1))


_before = _ERRANDS.alias("before")
_AHEAD = exists().where(
    _before.c.subscriber == _HELD.subscriber,
    _before.c.line == _HELD.line,
    _before.c.place < _HELD.place,
    _before.c.dead.is_(False),
)
_DUE = (_HELD.dead.is_(False), _HELD.kind == bindparam("of"), _HELD.next_at <= bindparam("moment"), ~_AHEAD)
_IN_TURN = (_HELD.next_at, _HELD.id)
_CROWDS: BindParameter[str] = bindparam("crowds", expanding=True)
_TELLER = select(_HELD.subscriber).where(*_DUE, _HELD.subscriber.in_(_CROWDS)).order_by(*_IN_TURN).limit(1)


def _claiming(whose: ColumnElement[bool]) -> Update:
    due = select(_HELD.id).where(*_DUE, whose).order_by(*_IN_TURN).limit(bindparam("most"))
    return (
        update(_ERRANDS)
        .where(_HELD.id.in_(due.with_for_update(skip_locked=True).scalar_subquery()))
        .values(next_at=bindparam("until"), attempts=_HELD.attempts + 1)
        .returning(_HELD.id, _HELD.fact_id, _HELD.subscriber, _HELD.attempts)
    )


_CLAIM = _claiming(true())
_CLAIM_OF_OTHERS = _claiming(_HELD.subscriber.not_in(_CROWDS))
_CLAIM_OF_ONE = _claiming(_HELD.subscriber == bindparam("teller"))


def _waiting_teller(kind: str) -> str | None:
    """The subscriber who has waited longest for its turn to tell a crowd; none where nobody waits."""
    crowds = subscriptions().crowds(kind)
    found = one(_TELLER, {"of": kind, "moment": now(), "crowds": crowds}) if crowds else None
    return found.subscriber if found else None


def claim(kind: str, limit: int, teller: str | None = None) -> list[Errand]:
    """Take errands for a lease; another worker skips them, and a dead worker's come back when it ends.

    Those of one who tells crowds, or of all who do not. Of what is done in line only the first that is open: another
    worker may have it, or it waits to be tried again.
    """
    claiming, whose = _whose(kind, teller)
    with transaction():
        moment = now()
        taken = rows(claiming, {"of": kind, "moment": moment, "most": limit, "until": moment + LEASE} | whose)
        facts = _facts({row.fact_id for row in taken}) if taken else {}
    # Facts in their order, and about each its subscribers in theirs: RETURNING promises none.
    ordered = sorted(taken, key=lambda row: (row.fact_id, row.id))
    return [Errand(row.id, row.subscriber, row.attempts, facts[row.fact_id]) for row in ordered]


def _whose(kind: str, teller: str | None) -> tuple[Update, dict[str, Any]]:
    if teller is not None:
        return _CLAIM_OF_ONE, {"teller": teller}
    crowds = subscriptions().crowds(kind)
    return (_CLAIM_OF_OTHERS, {"crowds": crowds}) if crowds else (_CLAIM, {})


_FACTS = select(*table(OutboxFact).columns).where(OutboxFact.id.in_(bindparam("ids", expanding=True)))


def _facts(ids: Iterable[str]) -> dict[str, Fact]:
    found = rows(_FACTS, {"ids": list(ids)})
    return {
        row.id: Fact(row.id, row.name, row.subject_type, row.subject_id, row.data, row.at, row.request_id)
        for row in found
    }


def _done_together(*units: Sequence[Errand]) -> bool:
    """Whether these errands, all at their first attempt, have been done in one transaction."""
    names = [unit[0].subscriber for unit in units]
    try:
        with transaction():
            mine = _finished([errand for unit in units for errand in unit])
            for name, unit in zip(names, units, strict=True):
                facts = [errand.fact for errand in unit if errand.id in mine]
                if facts:
                    subscriptions().by_name[name].handle(facts)
    except Exception as error:
        _log.warning("not together", extra={"subscribers": names, "reason": type(error).__name__})
        return False
    for name, unit in zip(names, units, strict=True):
        done = sum(errand.id in mine for errand in unit)
        _count(name, "done", done)
        _count(name, "taken_over", len(unit) - done)
    return True


def _count(subscriber: str, outcome: str, number: int = 1) -> None:
    name = subscriber if subscriber in subscriptions().by_name else "unknown"
    tally.count("participate_errands", number, subscriber=name, outcome=outcome)


def attempt(errand: Errand) -> None:
    """Do a claimed errand, or put it off."""
    _count(errand.subscriber, _outcome(errand))


def _outcome(errand: Errand) -> str:
    """Do the errand alone; returns one of OUTCOMES."""
    fact = errand.fact
    logs.begin(fact.request_id)
    try:
        # A subscriber that only a newer release knows fails here, and waits for a worker of that release.
        subscriber = subscriptions().by_name[errand.subscriber]
        if errand.attempts > subscriber.max_attempts:
            return _given_up(errand, subscriber)
        prepared = (subscriber.prepare(fact),) if subscriber.prepare else ()
        with transaction():
            _finish(errand)
            subscriber.handle([fact] if subscriber.many else fact, *prepared)
    except _LostLease:
        _log.info("errand taken over by another worker", extra={"errand": errand.id})
        return "taken_over"
    except Unavailable as error:
        _log.warning("errand waits", extra={"subscriber": errand.subscriber, "fact": fact.name})
        _postpone(errand, error, _AWAY_SECONDS, counts=False)
        return "failed"
    except Exception as error:
        _log.exception("errand failed", extra={"subscriber": errand.subscriber, "fact": fact.name})
        _postpone(errand, error, min(2.0**errand.attempts, LONGEST_PAUSE_SECONDS))
        return "failed"
    return "done"


def _given_up(errand: Errand, subscriber: Subscriber) -> str:
    """The subscriber's own last resort, or a dead end that staff see and that is not tried again by itself."""
    with transaction():
        if subscriber.give_up is not None:
            _finish(errand)
            subscriber.give_up(errand.fact)
        else:
            execute(update(_ERRANDS).where(_ERRANDS.c.id == errand.id).values(dead=True))
            _log.error("errand given up", extra={"subscriber": errand.subscriber, "errand": errand.id})
    return "given_up"


class _LostLease(Exception):
    """The lease ran out and another worker has the errand."""


def _finish(errand: Errand) -> None:
    if not _finished([errand]):
        raise _LostLease


_DONE = (
    delete(_ERRANDS)
    .where(_ERRANDS.c.id.in_(bindparam("ids", expanding=True)), _ERRANDS.c.attempts == bindparam("attempts"))
    .returning(_ERRANDS.c.id)
)


def _finished(errands: Sequence[Errand]) -> set[str]:
    """Remove errands of the same attempt in their effect's transaction; returns those nobody else has taken over."""
    asked = {"ids": [errand.id for errand in errands], "attempts": errands[0].attempts}
    return {row.id for row in rows(_DONE, asked)}


def _postpone(errand: Errand, error: Exception, seconds: float, counts: bool = True) -> None:
    """Try again in about so long. An attempt that something else is away for does not count: the errand is not at
    fault, and must not be given up however long that lasts."""
    due = now() + timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
    attempts = _HELD.attempts if counts else _HELD.attempts - 1
    with transaction():
        execute(
            update(_ERRANDS)
            .where(_HELD.id == errand.id, _HELD.attempts == errand.attempts)
            .values(next_at=due, attempts=attempts, last_error=type(error).__name__)
        )
