"""A webhook's verbs: made, changed, given another secret, pinged, told again, removed."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select, update

from participate.accounts.models import Account
from participate.audit import service as audit
from participate.catalogue import queries as catalogue
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, db, execute, one, rows, transaction
from participate.kernel.errors import Conflict, Fault, Forbidden, Invalid, Stale
from participate.kernel.ids import new_id
from participate.kernel.outside import fault
from participate.kernel.scopes import roles_for
from participate.kernel.workflow import locked
from participate.places import queries as places
from participate.updates import service as updates
from participate.updates.channels.base import WEBHOOK
from participate.updates.deliveries import planning
from participate.updates.deliveries.choices import mark, take_hold
from participate.updates.deliveries.models import DEAD, MUTED, SENT, UNCERTAIN, WAITING, ChannelChoice, Delivery
from participate.updates.models import Feed, FeedEntry
from participate.updates.webhooks import queries, secrets, telling
from participate.updates.webhooks.models import Webhook

MOST = 10  # of one owner
MOST_REPLAYED = 500
PAUSED = "paused"
_SETTLED = (SENT, DEAD, UNCERTAIN, MUTED)


def create(caller: Caller, fields: dict[str, Any]) -> tuple[str, str]:
    """Make one for an area or a unit that the caller answers for; its id, and its secret.

    Raises Invalid, Forbidden, and Conflict beyond MOST (`webhooks_enough`) or for what is there (`webhook_there`).
    """
    owner_id, area, unit = str(caller.account_id), fields.get("area"), fields.get("unit")
    _check_url(fields["url"])
    _check_scope(caller, area, unit)
    webhook_id, secret, moment = new_id(), secrets.fresh(), now()
    with transaction():
        locked(Account, owner_id)  # So that two at once cannot both be the last that there is room for.
        held = queries.of_owner(owner_id)
        if any((row.address["url"], row.area, row.unit) == (fields["url"], area, unit) for row in held):
            raise Conflict("webhook_there")
        if len(held) >= MOST:
            raise Conflict("webhooks_enough")
        _add_reader(webhook_id, {"url": fields["url"], "secret": secret}, moment)
        about = {"kinds": sorted(set(fields["kinds"])), "description": fields["description"]}
        where = {"area": area, "unit": unit, "created_at": moment, "version": 1}
        db.session.add(Webhook(id=webhook_id, owner_id=owner_id, **where, **about))
        audit.record("webhook.created", "webhook", webhook_id, owner_id)
    return webhook_id, secret


def _add_reader(webhook_id: str, address: dict[str, Any], moment: datetime) -> None:
    """The account that it reads by, which has no password and no phone, and its feed."""
    named = {"username": f"webhook-{webhook_id}", "display_name": "Webhook", "language": "en"}
    db.session.add(Account(id=webhook_id, created_at=moment, version=1, **named))
    db.session.flush()
    db.session.add(Feed(account_id=webhook_id, last=0, has_channels=True))
    choice = {"on": True, "verified_at": moment, "muted": [], "unsubscribe_id": str(uuid4()), "version": 1}
    db.session.add(ChannelChoice(account_id=webhook_id, channel=WEBHOOK, address=address, **choice))


def _check_url(url: str) -> None:
    wrong = fault(url, settings().outside)
    if wrong == "https_only":
        raise Invalid(Fault("url", "https_only"))
    if wrong == "address_not_public":
        raise Invalid(Fault("url", "address_not_public"))
    if wrong is not None:
        raise Invalid(Fault("url", "form"))


def _check_scope(caller: Caller, area: str | None, unit: str | None) -> None:
    if (area is None) == (unit is None):
        raise Invalid(Fault("area", "area_or_unit"))
    if unit is not None:
        if catalogue.unit(unit) is None:
            raise Invalid(Fault("unit", "unknown_code"))
        if unit not in caller.units(*queries.ROLES) and "" not in caller.areas(queries.ADMIN):
            raise Forbidden("not_your_unit")
    elif area and places.area(area) is None:
        raise Invalid(Fault("area", "unknown_code"))
    elif queries.ADMIN not in roles_for(caller, area):
        raise Forbidden("not_your_area")


def _taken(caller: Caller, webhook_id: str, version: int | None = None) -> AnyRow:
    """It, and its feed under lock. Raises Missing for what the caller may not see, and Stale."""
    queries.webhook(caller, webhook_id)
    take_hold(webhook_id)
    found = queries.webhook(caller, webhook_id)
    if version not in {None, found.version}:
        raise Stale
    return found


def change(caller: Caller, webhook_id: str, fields: dict[str, Any], version: int | None = None) -> None:
    """Change what `fields` name; `active` pauses it, or begins again. Raises Missing, Stale and Invalid."""
    if "url" in fields:
        _check_url(fields["url"])
    with transaction():
        row = _taken(caller, webhook_id, version)
        values: dict[str, Any] = {name: fields[name] for name in ("description", "kinds") if name in fields}
        if fields.get("active") is True:
            values |= {"disabled_at": None, "disabled_why": None, "failing_since": None}
        elif fields.get("active") is False and row.disabled_at is None:
            values |= {"disabled_at": now(), "disabled_why": PAUSED}
        execute(update(Webhook).where(Webhook.id == webhook_id).values(version=Webhook.version + 1, **values))
        address = dict(row.address) | ({"url": fields["url"]} if "url" in fields else {})
        is_on = values.get("disabled_at", row.disabled_at) is None
        _keep(webhook_id, on=is_on, address=address)
        audit.record("webhook.changed", "webhook", webhook_id, caller.account_id)


def _keep(webhook_id: str, **values: Any) -> None:
    mine = update(ChannelChoice).where(ChannelChoice.account_id == webhook_id, ChannelChoice.channel == WEBHOOK)
    execute(mine.values(**values))
    mark(webhook_id)


def rotate(caller: Caller, webhook_id: str, version: int | None = None) -> dict[str, Any]:
    """A new secret; the former signs along for a day. Raises Missing and Stale."""
    secret, moment = secrets.fresh(), now()
    with transaction():
        row = _taken(caller, webhook_id, version)
        _keep(webhook_id, address=secrets.rotated(row.address, secret))
        execute(update(Webhook).where(Webhook.id == webhook_id).values(version=Webhook.version + 1))
        audit.record("webhook.secret_rotated", "webhook", webhook_id, caller.account_id)
    return {"secret": secret, "former_until": moment + secrets.SERVES_ON}


def ping(caller: Caller, webhook_id: str) -> str:
    """Send an event that says nothing; its id. Raises Missing, and Conflict while it is told nothing."""
    fact_id = new_id()
    with transaction():
        _active(_taken(caller, webhook_id))
        updates.append([telling.entry(webhook_id, fact_id, telling.PING, now(), telling.PING)])
        made = one(select(Delivery.id).where(Delivery.account_id == webhook_id, Delivery.fact_id == fact_id))
    return str(made.id) if made else fact_id


def _active(row: AnyRow) -> None:
    if row.disabled_at is not None:
        raise Conflict("webhook_disabled")


def replay(caller: Caller, webhook_id: str, since: datetime) -> dict[str, Any]:
    """Send again what was for it since then, under the same ids and in its order, MOST_REPLAYED at a time.

    What waits already stays as it is. Raises Missing, and Conflict while it is told nothing.
    """
    held, moment = Delivery, now()
    first = select(held.id, held.at).where(held.account_id == webhook_id, held.channel == WEBHOOK, held.at >= since)
    with transaction():
        _active(_taken(caller, webhook_id))
        found = rows(first.order_by(held.number).limit(MOST_REPLAYED + 1))
        chosen = [row.id for row in found[:MOST_REPLAYED]]
        again = update(held).where(held.id.in_(chosen), held.state.in_(_SETTLED))
        again = again.values(state=WAITING, attempts=0, next_at=moment, due_at=moment, error=None, sent_at=None)
        many = len(rows(again.returning(held.id)))
        planning.ring([{"state": WAITING, "next_at": moment}] if many else [])
        audit.record("webhook.replayed", "webhook", webhook_id, caller.account_id, events=many)
    return {"replayed": many, "next": found[MOST_REPLAYED].at if len(found) > MOST_REPLAYED else None}


def remove(caller: Caller, webhook_id: str, version: int | None = None) -> None:
    """Forget it, and all that was for it. Raises Missing and Stale."""
    with transaction():
        _taken(caller, webhook_id, version)
        execute(delete(Webhook).where(Webhook.id == webhook_id))
        for held in (Delivery, FeedEntry, ChannelChoice, Feed):
            execute(delete(held).where(held.account_id == webhook_id))
        execute(delete(Account).where(Account.id == webhook_id))
        audit.record("webhook.removed", "webhook", webhook_id, caller.account_id)
