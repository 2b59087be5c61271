"""Reads about accounts."""

from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, exists, null, or_, select
from sqlalchemy.orm import aliased

from participate.accounts.models import ROLES, Absence, Account, RoleGrant, SignInSession
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, one, rows
from participate.kernel.errors import Missing
from participate.kernel.paging import page
from participate.kernel.scopes import subtree

HANDLING = ("grid_officer", "handler", "supervisor")


_AWAY = and_(Absence.ended_at.is_(None), Absence.starts_at <= bindparam("now"), Absence.ends_at > bindparam("now"))
# Put together once: every request asks this, and building it takes several times as long as running it.
_CALLER = (
    select(RoleGrant.role, RoleGrant.area, RoleGrant.unit, Absence.account_id.label("absent"))
    .select_from(SignInSession)
    .join(Account, Account.id == SignInSession.account_id)
    .outerjoin(RoleGrant, RoleGrant.account_id == SignInSession.account_id)
    .outerjoin(Absence, and_(Absence.deputy_id == SignInSession.account_id, _AWAY))
    .where(
        SignInSession.id == bindparam("session"),
        SignInSession.account_id == bindparam("account"),
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > bindparam("now"),
        Account.disabled_at.is_(None),
    )
)


def caller_of(account_id: str, session_id: str, besides: Any = None) -> tuple[Caller, Any] | None:
    """The Caller of a live session, with all grants and whom it stands in for, in one statement.

    With it comes the value `besides` of the `:account`.
    """
    found = rows(_asking(besides), {"session": session_id, "account": account_id, "now": now()})
    if not found:
        return None
    grants = tuple(Grant(row.role, row.area, row.unit) for row in found if row.role is not None)
    if found[0].absent is None:
        return Caller(account_id, session_id, grants), found[0].besides
    absent = dict.fromkeys(row.absent for row in found)  # Each comes with each grant.
    return Caller(account_id, session_id, tuple(dict.fromkeys(grants)), tuple(absent)), found[0].besides


@lru_cache(maxsize=16)
def _asking(besides: Any) -> AnySelect:
    return _CALLER.add_columns((null() if besides is None else besides).label("besides"))


_ALIVE = (
    select(SignInSession.id, SignInSession.account_id, RoleGrant.role, RoleGrant.area, RoleGrant.unit)
    .join(Account, Account.id == SignInSession.account_id)
    .outerjoin(RoleGrant, RoleGrant.account_id == SignInSession.account_id)
    .where(
        SignInSession.id.in_(bindparam("sessions", expanding=True)),
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > bindparam("now"),
        Account.disabled_at.is_(None),
    )
    .order_by(RoleGrant.id)
)


def alive(session_ids: Collection[str]) -> dict[str, Caller]:
    """Those of these sessions that have not ended, each with its Caller, in one statement."""
    found = dict[str, Caller]()
    for row in rows(_ALIVE, {"sessions": list(session_ids), "now": now()}):
        held = found.get(row.id, Caller(row.account_id, row.id))
        more = (Grant(row.role, row.area, row.unit),) if row.role is not None else ()
        found[row.id] = replace(held, grants=held.grants + more)
    return found


_HOLDER = (
    select(RoleGrant.role, RoleGrant.area, RoleGrant.unit)
    .join(Account, Account.id == RoleGrant.account_id)
    .where(RoleGrant.account_id == bindparam("account"), Account.disabled_at.is_(None))
)


def grantee(account_id: str) -> Caller | None:
    """The account with all its grants, as though it called; None where it has none or is no longer in use."""
    found = rows(_HOLDER, {"account": account_id})
    return Caller(account_id, None, tuple(Grant(*row) for row in found)) if found else None


def in_use(account_ids: Collection[str]) -> set[str]:
    """Those of these accounts that are there and not disabled."""
    found = select(Account.id).where(Account.id.in_(account_ids), Account.disabled_at.is_(None))
    return {row.id for row in rows(found)}


_GRANTED = (
    select(RoleGrant.account_id)
    .join(Account, Account.id == RoleGrant.account_id)
    .where(Account.disabled_at.is_(None), RoleGrant.role.in_(bindparam("roles", expanding=True)))
)


def serving(unit: str) -> set[str]:
    """The accounts that hold any role in the unit."""
    found = rows(_GRANTED.where(RoleGrant.unit == bindparam("unit")), {"roles": ROLES, "unit": unit})
    return {row.account_id for row in found}


def members_for(area: str, around: Collection[str]) -> set[str]:
    """The members for some of the area, and those for one of the areas `around` it."""
    scope = or_(subtree(RoleGrant.area, area), RoleGrant.area.in_(around))
    return {row.account_id for row in rows(_GRANTED.where(scope), {"roles": ("member",)})}


_DEPUTIES = (
    select(Absence.deputy_id)
    .join(Account, Account.id == Absence.deputy_id)
    .where(Absence.account_id == bindparam("account"), _AWAY, Account.disabled_at.is_(None))
)


def deputy_of(account_id: str | None) -> str | None:
    """Who stands in for the account now."""
    found = one(_DEPUTIES, {"account": account_id, "now": now()}) if account_id is not None else None
    return str(found.deputy_id) if found is not None else None


_PROFILE = select(
    Account.id, Account.phone, Account.username, Account.display_name, Account.language, Account.version
).where(Account.id == bindparam("account"))
_GRANTS = select(RoleGrant.role, RoleGrant.area, RoleGrant.unit).where(RoleGrant.account_id == bindparam("account"))


def profile(account_id: str) -> dict[str, Any]:
    """The account as its owner sees it. Raises Missing."""
    whose = {"account": account_id}
    found = one(_PROFILE, whose)
    if found is None:
        raise Missing
    granted = rows(_GRANTS, whose)
    return {
        **found._asdict(),
        "roles": [{"role": g.role, "scope": {"unit": g.unit} if g.unit else {"area": g.area}} for g in granted],
    }


def language_of(account_id: str) -> str:
    """The language in which the account's holder reads. Raises Missing."""
    found = one(select(Account.language).where(Account.id == account_id))
    if found is None:
        raise Missing
    return str(found.language)


_SESSIONS = (
    select(SignInSession.id, SignInSession.created_at, SignInSession.expires_at)
    .where(
        SignInSession.account_id == bindparam("account"),
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > bindparam("now"),
    )
    .order_by(SignInSession.id.desc())
    .limit(100)
)


def sessions(account_id: str, present_id: str | None) -> list[dict[str, Any]]:
    """The account's live sessions, newest first."""
    found = rows(_SESSIONS, {"account": account_id, "now": now()})
    return [
        {
            "id": row.id,
            "created_at": row.created_at,
            "expires_at": row.expires_at,
            "present": row.id == present_id,
        }
        for row in found
    ]


def holders(role: str, scopes: list[str]) -> list[tuple[str, str]]:
    """(area, account) of those who hold `role` for exactly one of the areas, smallest area and oldest grant first."""
    held = RoleGrant
    found = rows(
        select(held.area, held.account_id)
        .join(Account, Account.id == held.account_id)
        .where(held.role == role, held.area.in_(scopes), Account.disabled_at.is_(None))
        .order_by(held.area.desc(), held.account_id)
    )
    return sorted(((row.area, row.account_id) for row in found), key=lambda pair: -len(pair[0]))


_OF_UNIT = (
    select(RoleGrant.account_id)
    .join(Account, Account.id == RoleGrant.account_id)
    .where(RoleGrant.role == bindparam("role"), RoleGrant.unit == bindparam("unit"), Account.disabled_at.is_(None))
)


def of_unit(role: str, unit: str) -> set[str]:
    """The accounts that hold `role` for exactly this unit."""
    return {row.account_id for row in rows(_OF_UNIT, {"role": role, "unit": unit})}


def handles(account_id: str, area: str | None) -> bool:
    """Whether the account is one to whom a case in `area` can be given."""
    held = RoleGrant
    granted = rows(
        select(held.area)
        .join(Account, Account.id == held.account_id)
        .where(held.account_id == account_id, held.role.in_(HANDLING), Account.disabled_at.is_(None))
    )
    return any(row.area is None or area is None or area.startswith(row.area) for row in granted)


def in_units(account_ids: Collection[str]) -> set[str]:
    """Those of these accounts that hold a role in a unit."""
    held = RoleGrant
    found = select(held.account_id).where(held.account_id.in_(account_ids), held.unit.is_not(None))
    return {row.account_id for row in rows(found)}


def is_member(account_id: str) -> bool:
    """Whether the account is a member's."""
    found = grantee(account_id)
    return found is not None and found.has("member")


_MEMBER = (
    select(Account.id, Account.display_name)
    .where(Account.disabled_at.is_(None))
    .where(exists().where(RoleGrant.account_id == Account.id, RoleGrant.role == "member"))
    .where(Account.id == bindparam("account"))
)


def member(account_id: str) -> AnyRow | None:
    """The account's id and name, where it is a member's."""
    return one(_MEMBER, {"account": account_id})


# Who is a member of two areas stands there once.
_BEFORE = aliased(RoleGrant)
_MEMBERS = (
    select(Account.display_name, Account.username, RoleGrant.account_id)
    .join(Account, Account.id == RoleGrant.account_id)
    .where(RoleGrant.role == "member", Account.disabled_at.is_(None))
    .where(
        ~exists().where(
            _BEFORE.account_id == RoleGrant.account_id, _BEFORE.role == RoleGrant.role, _BEFORE.id < RoleGrant.id
        )
    )
)


def members_listed(caller: Caller, limit: int, cursor: str | None = None) -> dict[str, Any]:
    """A page of those who are members, by id; another member reads by which user name each is invited."""
    present = _invitable if caller.has("member") else _named
    return page(_MEMBERS, (RoleGrant.account_id,), present, limit, cursor)


def _named(row: AnyRow) -> dict[str, Any]:
    return {"id": row.account_id, "name": row.display_name}


def _invitable(row: AnyRow) -> dict[str, Any]:
    return _named(row) | {"username": row.username}


def members(usernames: Collection[str]) -> dict[str, str]:
    """The accounts of those of these who are members, by user name."""
    held = RoleGrant
    asked = select(Account.username, Account.id).where(Account.username.in_(usernames), Account.disabled_at.is_(None))
    is_member = held.account_id.in_(select(Account.id).where(Account.username.in_(usernames)))
    granted = {row.account_id for row in rows(select(held.account_id).where(held.role == "member", is_member))}
    return {row.username: row.id for row in rows(asked) if row.id in granted}


def has_login(username: str) -> bool:
    """Whether the username is taken."""
    return one(select(Account.id).where(Account.username == username)) is not None
