"""Devices are added by whoever holds them, and forgotten once their push service knows them no more."""

from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import bindparam, delete, exists, select, update

from participate.kernel.clock import now
from participate.kernel.db import AnyRow, execute, rows, table, transaction
from participate.kernel.errors import Conflict, Fault, Invalid, Missing
from participate.kernel.ids import new_id
from participate.kernel.inserting import inserting
from participate.kernel.outside import fault
from participate.updates.channels.base import WEB_PUSH
from participate.updates.deliveries import choices
from participate.updates.deliveries.models import ChannelChoice
from participate.updates.devices import keys
from participate.updates.devices.models import Device

MOST = 5  # of one person
_DEVICES = table(Device)
_HELD = _DEVICES.c
_MINE = select(*_HELD).where(_HELD.account_id == bindparam("me")).order_by(_HELD.id)


def held(account_id: str) -> list[AnyRow]:
    """The account's devices, the oldest first."""
    return list(rows(_MINE, {"me": account_id}))


def shown(account_id: str) -> dict[str, Any]:
    """The key that a browser subscribes with, and the account's devices."""
    devices = [
        {"id": row.id, "name": row.name, "service": urlsplit(row.endpoint).hostname, "created_at": row.created_at}
        for row in held(account_id)
    ]
    return {"public_key": keys.public_key(keys.private_key()), "devices": devices}


def add(account_id: str, fields: dict[str, Any]) -> str:
    """Tell the account on this device from now on, and nobody else any more; its id. A second time renews its keys.

    Raises Invalid for what is no subscription or where this service sends none, and Conflict (`devices_enough`).
    """
    _check(fields)
    endpoint, digest = fields["endpoint"], sha256(fields["endpoint"].encode()).hexdigest()
    with transaction():
        chosen = choices.take_hold(account_id)
        mine, before = held(account_id), rows(select(_HELD.account_id).where(_HELD.digest == digest))
        if len(mine) >= MOST and digest not in {row.digest for row in mine}:
            raise Conflict("devices_enough")
        known = {name: fields["keys"][name].rstrip("=") for name in ("p256dh", "auth")}
        known |= {"account_id": account_id, "name": fields["name"], "last_key": None}
        row = known | {"id": new_id(), "endpoint": endpoint, "digest": digest, "created_at": now()}
        made = inserting(_DEVICES)
        kept = made.on_conflict_do_update(index_elements=["digest"], set_=known).returning(_HELD.id)
        (found,) = rows(kept, row)
        choices.keep(account_id, WEB_PUSH, chosen.get(WEB_PUSH), on=True, verified_at=now())
        choices.mark(account_id)
        for other in {each.account_id for each in before} - {account_id}:
            _silence(other)
    return str(found.id)


def _check(fields: dict[str, Any]) -> None:
    if not choices.is_available(WEB_PUSH):
        raise Invalid(Fault("endpoint", "channel_unavailable"))
    wrong = fault(fields["endpoint"], ())  # What may be reached inside is for those who run the service.
    if wrong == "address_not_public":
        raise Invalid(Fault("endpoint", "address_not_public"))
    if wrong == "https_only":
        raise Invalid(Fault("endpoint", "https_only"))
    faults = [] if wrong is None else [Fault("endpoint", "form")]
    faults += [] if keys.is_point(fields["keys"]["p256dh"]) else [Fault("keys.p256dh", "form")]
    faults += [] if keys.is_auth(fields["keys"]["auth"]) else [Fault("keys.auth", "form")]
    if faults:
        raise Invalid(*faults)


def remove(account_id: str, device_id: str) -> None:
    """Tell the account there no more. Raises Missing."""
    with transaction():
        choices.take_hold(account_id)
        if not _removed(_HELD.id == device_id, _HELD.account_id == account_id):
            raise Missing
        choices.mark(account_id)


def forget(device_id: str) -> None:
    """Its push service knows it no more."""
    with transaction():
        _removed(_HELD.id == device_id)


def _removed(*conditions: Any) -> bool:
    gone = rows(delete(_DEVICES).where(*conditions).returning(_HELD.account_id))
    for row in gone:
        _silence(row.account_id)
    return bool(gone)


def _silence(account_id: str) -> None:
    """Who has no device is not told by any."""
    choice = ChannelChoice
    silent = update(choice).where(choice.account_id == account_id, choice.channel == WEB_PUSH, choice.on.is_(True))
    silent = silent.where(~exists().where(_HELD.account_id == account_id))
    execute(silent.values(on=False, verified_at=None, version=choice.version + 1))


def taken(device_id: str, key: str) -> None:
    """Its push service has taken the message with this key."""
    with transaction():
        execute(update(_DEVICES).where(_HELD.id == device_id).values(last_key=key))


def addressed(account_id: str) -> dict[str, Any]:
    """Where a message for the account goes."""
    wanted = ("id", "endpoint", "p256dh", "auth", "last_key")
    return {"devices": [{name: getattr(row, name) for name in wanted} for row in held(account_id)]}
