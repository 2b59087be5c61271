"""Somebody goes away, or is put down as away, and is back: verbs, each told to both by a fact."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from participate.accounts import queries as accounts
from participate.accounts.models import Absence, Account
from participate.audit import service as audit
from participate.cases.deputies import queries
from participate.kernel import deadlines, outbox
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.context import local
from participate.kernel.db import AnyRow, add, rows, table, transaction
from participate.kernel.errors import Conflict, Fault, Invalid, Missing
from participate.kernel.ids import new_id
from participate.kernel.workflow import locked

LONGEST = timedelta(days=366)  # Who is away for longer gives back what they hold.
MOST = 10  # people whom one stands in for: nobody does the work of more.
_SLOW = timedelta(minutes=5)  # A phone's clock may be so much behind.
_NEW = insert(table(Absence))
_ENDED = update(table(Absence)).returning(Absence.id)


def leave(caller: Caller, fields: dict[str, Any]) -> AnyRow:
    """Name the caller's own deputy; saying the same again changes nothing. Raises Invalid, Conflict."""
    return _name(caller, str(caller.account_id), fields)


def put_down(caller: Caller, fields: dict[str, Any]) -> AnyRow:
    """Put somebody over whom the caller watches down as away. Raises Invalid for others, Conflict."""
    absentee = accounts.grantee(fields["account"])
    area = queries.area_of(absentee) if absentee else None
    if area is None or not queries.watches(caller, area):
        raise Invalid(Fault("account", "no_colleague"))
    return _name(caller, fields["account"], fields, again=False)


def come_back(caller: Caller) -> None:
    """The caller is back, or does not go away after all. Raises Missing for who is not away."""
    found = queries.own(str(caller.account_id))
    if found is None:
        raise Missing
    _end(found.id, caller.account_id)


def end(caller: Caller, absence_id: str) -> None:
    """Somebody over whom the caller watches is back. Raises Missing for others, and for what is over."""
    _end(queries.watched(caller, absence_id).id, caller.account_id)


def _end(absence_id: str, by: str | None) -> None:
    with transaction():
        if not _close(absence_id, by):
            raise Missing


def expire(absence_id: str) -> None:
    """Its time is over; nothing happens where it was ended before the worker looked."""
    with transaction():
        if deadlines.missed(absence_id, "end"):
            _close(absence_id, None)


def _close(absence_id: str, by: str | None) -> bool:
    """Whether it was not over yet; from now on it is, and why they were away is nobody's business any more."""
    held = Absence
    ended = _ENDED.where(held.id == absence_id, held.ended_at.is_(None)).values(ended_at=now(), reason=None)
    if not rows(ended):
        return False
    deadlines.settle(absence_id, "end")
    outbox.record("absence.ended", "absence", absence_id)
    audit.record("absence.ended", "absence", absence_id, by)
    return True


def _name(caller: Caller, account_id: str, fields: dict[str, Any], again: bool = True) -> AnyRow:
    """`again`: it is enough that just this was said before."""
    starts_at, ends_at = _times(fields)
    with transaction():
        absentee, deputy = _both(account_id, fields["deputy"])
        for row in queries.of_people([account_id, deputy]):
            if row.ends_at <= now():
                _close(row.id, None)
            elif again and _is_same(row, account_id, fields):
                return queries.absence(row.id)
            else:
                _check(row, account_id, deputy, starts_at, ends_at)
        if sum(row.deputy_id == deputy for row in queries.of_people([deputy])) >= MOST:
            raise Conflict("deputy_busy")
        made, by = new_id(), caller.account_id
        people = {"id": made, "account_id": account_id, "deputy_id": deputy, "named_by": by}
        times = {"starts_at": starts_at, "ends_at": ends_at, "ended_at": None}
        add(_NEW, people | times | {"area": queries.area_of(absentee) or "", "reason": fields.get("reason")})
        deadlines.start("absence", made, "end", "calendar_day", ends_at, fresh=True)
        outbox.record("absence.named", "absence", made)
        span = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
        audit.record("absence.named", "absence", made, by, account=account_id, deputy=deputy, **span)
        return queries.absence(made)


def _both(account_id: str, deputy_id: str) -> tuple[Caller, str]:
    """Who is away and who stands in, both held so that nobody names either at the same time. Raises Invalid."""
    absentee, deputy = accounts.grantee(account_id), accounts.grantee(deputy_id)
    if absentee is None or deputy is None or account_id == deputy_id or not queries.can_stand_in(deputy, absentee):
        raise Invalid(Fault("deputy", "no_deputy"))
    for each in sorted((account_id, deputy_id)):
        locked(Account, each)
    return absentee, deputy_id


def _is_same(row: AnyRow, account_id: str, fields: dict[str, Any]) -> bool:
    said = (account_id, fields["deputy"], fields["ends_at"], fields.get("starts_at", row.starts_at))
    return said == (row.account_id, row.deputy_id, row.ends_at, row.starts_at)


def _check(row: AnyRow, account_id: str, deputy_id: str, starts_at: datetime, ends_at: datetime) -> None:
    """Raises Conflict for a second absence, and for a chain: who stands in is there, and nobody stands in for them."""
    if row.account_id == account_id:
        raise Conflict("absent_already")
    if starts_at < row.ends_at and row.starts_at < ends_at:
        if row.account_id == deputy_id:
            raise Conflict("deputy_away")
        if row.deputy_id == account_id:
            raise Conflict("stands_in")


def _times(fields: dict[str, Any]) -> tuple[datetime, datetime]:
    """From when to when. Raises Invalid for what is over, ends before it begins, or is too far or too long."""
    present, ends_at = now(), fields["ends_at"]
    starts_at = fields.get("starts_at", present)
    if starts_at < present - _SLOW:
        raise Invalid(Fault("starts_at", "too_early", (("after", local(present)),)))
    if starts_at > present + LONGEST:
        raise Invalid(Fault("starts_at", "too_late", (("until", local(present + LONGEST)),)))
    if ends_at <= max(starts_at, present):
        raise Invalid(Fault("ends_at", "too_early", (("after", local(max(starts_at, present))),)))
    if ends_at > starts_at + LONGEST:
        raise Invalid(Fault("ends_at", "too_late", (("until", local(starts_at + LONGEST)),)))
    return starts_at, ends_at
