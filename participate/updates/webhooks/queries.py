"""Reads of webhooks: who sees which, and which hear of what."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from participate.accounts.models import Account, RoleGrant
from participate.cases.models import Case
from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, AnySelect, one, rows, table
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope
from participate.updates.channels.base import WEBHOOK
from participate.updates.deliveries.models import ChannelChoice
from participate.updates.webhooks.models import Webhook

ADMIN, HANDLER = ROLES = ("admin", "handler")  # Of an area, and of a unit.
KEYS = (Webhook.id,)
_CHOICE = and_(ChannelChoice.account_id == Webhook.id, ChannelChoice.channel == WEBHOOK)
_ALL = select(*table(Webhook).columns, ChannelChoice.address).join(ChannelChoice, _CHOICE)


def _seen(caller: Caller) -> AnySelect:
    mine = Webhook.owner_id == caller.account_id
    theirs = in_scope(caller, (ADMIN,), Webhook.area)
    elsewhere = Webhook.unit.is_not(None) if "" in caller.areas(ADMIN) else mine
    return _ALL.where(or_(mine, theirs, elsewhere))


def listed(caller: Caller) -> AnySelect:
    """The caller's own, and those of the areas that they administer; to be paged by KEYS, the latest first."""
    return _seen(caller)


def webhook(caller: Caller, webhook_id: str) -> AnyRow:
    """One of them. Raises Missing for what the caller may not see."""
    found = one(_seen(caller).where(Webhook.id == webhook_id))
    if found is None:
        raise Missing
    return found


def present(row: AnyRow) -> dict[str, Any]:
    """As the API shows it: without its secrets."""
    found: dict[str, Any] = row._asdict()
    return found | {"url": found.pop("address")["url"], "active": row.disabled_at is None}


def of_owner(owner_id: str) -> list[AnyRow]:
    """All that somebody has."""
    return list(rows(_ALL.where(Webhook.owner_id == owner_id)))


_owner = aliased(Account)
# The owner still answers for where it is: their own grant covers the webhook's area, or is for its unit or everywhere.
_HELD = exists().where(
    RoleGrant.account_id == Webhook.owner_id,
    RoleGrant.role.in_(ROLES),
    or_(
        RoleGrant.area == "",
        RoleGrant.unit == Webhook.unit,
        and_(RoleGrant.role == ADMIN, func.substr(Webhook.area, 1, func.length(RoleGrant.area)) == RoleGrant.area),
    ),
)
_IN_AREAS = Webhook.area.in_(bindparam("areas", expanding=True))
_IN_UNITS = Webhook.unit.in_(bindparam("units", expanding=True))
_LISTENING = (
    select(Webhook.id, Webhook.area, Webhook.unit, Webhook.kinds)
    .join(_owner, _owner.id == Webhook.owner_id)
    .where(Webhook.disabled_at.is_(None), _owner.disabled_at.is_(None), _HELD)
    .where(or_(_IN_AREAS, _IN_UNITS))
    .order_by(Webhook.id)
)
_UNITS = select(Case.submission_id, Case.unit).where(
    Case.submission_id.in_(bindparam("ids", expanding=True)), Case.unit.is_not(None)
)


def listening(areas: Collection[str], units: Collection[str]) -> list[AnyRow]:
    """Those that hear what is public in one of the areas or handled by one of the units."""
    return list(rows(_LISTENING, {"areas": sorted(areas), "units": sorted(units)}))


def units_of(submission_ids: Collection[str]) -> dict[str, set[str]]:
    """By submission, the units that handle it or a part of it now."""
    found: dict[str, set[str]] = {}
    for row in rows(_UNITS, {"ids": sorted(submission_ids)}):
        found.setdefault(row.submission_id, set()).add(row.unit)
    return found
