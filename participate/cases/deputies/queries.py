"""Reads of absences: one's own, those whom one stands in for, and those of the area that one watches over."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import aliased

from participate.accounts.models import Absence, Account
from participate.catalogue import queries as catalogue
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, Id, one, rows
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope, roles_for

DESKS = ("grid_officer", "handler", "dispatcher", "supervisor")  # Whose work somebody else can do meanwhile.
WATCHERS = ("dispatcher", "supervisor")
KEYS = (Absence.area, Absence.id)
_absentee, _deputy = aliased(Account), aliased(Account)
_SHOWN = (
    select(
        *Absence.__table__.columns,
        _absentee.display_name.label("account_name"),
        _deputy.display_name.label("deputy_name"),
    )
    .join(_absentee, _absentee.id == Absence.account_id)
    .join(_deputy, _deputy.id == Absence.deputy_id)
)
_ONE = _SHOWN.where(Absence.id == bindparam("id"))
_OPEN = _SHOWN.where(Absence.ended_at.is_(None), Absence.ends_at > bindparam("now"))
_OWN = _OPEN.where(Absence.account_id == bindparam("me"))
_STOOD_FOR = _OPEN.where(Absence.deputy_id == bindparam("me")).order_by(Absence.starts_at, Absence.id)
_PEOPLE = bindparam("people", type_=Id, expanding=True)
_OF_PEOPLE = (
    select(*Absence.__table__.columns)
    .where(Absence.ended_at.is_(None), or_(Absence.account_id.in_(_PEOPLE), Absence.deputy_id.in_(_PEOPLE)))
    .order_by(Absence.id)
)


def listed(caller: Caller) -> AnySelect:
    """What is not over at the moment `:now`, of those over whom the caller watches; to be paged by KEYS."""
    return _OPEN.where(in_scope(caller, WATCHERS, Absence.area))


def absence(absence_id: str) -> AnyRow:
    """One absence, with the names of both. Raises Missing."""
    found = one(_ONE, {"id": absence_id})
    if found is None:
        raise Missing
    return found


def watched(caller: Caller, absence_id: str) -> AnyRow:
    """One absence of somebody over whom the caller watches. Raises Missing for others'."""
    found = absence(absence_id)
    if not watches(caller, found.area):
        raise Missing
    return found


def watches(caller: Caller, area: str) -> bool:
    """Whether the caller dispatches or supervises all of the area; the twin of what `listed` asks."""
    return bool(roles_for(caller, area).intersection(WATCHERS))


def own(account_id: str) -> AnyRow | None:
    """The account's absence that is not over, if there is one."""
    return one(_OWN, {"me": account_id, "now": now()})


def stood_for(account_id: str) -> Sequence[AnyRow]:
    """The absences that are not over and in which the account stands in, the first to begin first."""
    return rows(_STOOD_FOR, {"me": account_id, "now": now()})


def of_people(account_ids: Sequence[str]) -> Sequence[AnyRow]:
    """All absences not told to be over in which one of them is away or stands in."""
    return rows(_OF_PEOPLE, {"people": list(account_ids)})


def area_of(somebody: Caller) -> str | None:
    """The smallest area that holds all that somebody answers for at the desks; None where that is nothing."""
    held = sorted(_area(grant) for grant in somebody.grants if grant.role in DESKS)
    if not held:
        return None
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(held[0], held[-1], strict=False))
    return "".join(digit for digit, _ in alike)  # What the first and the last share, all between them do.


def _area(grant: Grant) -> str:
    if grant.unit is None:
        return grant.area or ""
    return str(getattr(catalogue.unit(grant.unit), "area_code", ""))


def can_stand_in(deputy: Caller, absentee: Caller) -> bool:
    """Whether the deputy holds each of the absentee's roles at the desks, over at least the same scope."""
    return all(any(_covers(each, grant) for each in deputy.grants) for grant in absentee.grants if grant.role in DESKS)


def _covers(over: Grant, grant: Grant) -> bool:
    if over.role != grant.role:
        return False
    if grant.unit is not None:
        return over.unit == grant.unit
    return over.area is not None and (grant.area or "").startswith(over.area)


def present(row: AnyRow) -> dict[str, Any]:
    """An absence as who is away sees it, and who watches over them."""
    shown = {"id": row.id, "account": row.account_id, "account_name": row.account_name}
    shown |= {"deputy": row.deputy_id, "deputy_name": row.deputy_name, "reason": row.reason}
    return shown | {"starts_at": row.starts_at, "ends_at": row.ends_at}


def present_stood_for(row: AnyRow) -> dict[str, Any]:
    """An absence as the deputy sees it: why is not theirs to know."""
    return {name: value for name, value in present(row).items() if not name.startswith(("deputy", "reason"))}
