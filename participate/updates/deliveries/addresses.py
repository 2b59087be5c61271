"""Addresses are verified by a code before anything else is sent there."""

import hmac
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import func, insert, select, update

from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import add, one, rows, table, transaction
from participate.kernel.errors import Fault, Forbidden, Invalid, TooMany
from participate.kernel.ids import new_id
from participate.updates import concerns
from participate.updates.channels.base import EMAIL
from participate.updates.deliveries import choices, planning
from participate.updates.deliveries.models import WAITING, AddressCode, Delivery

LIFE = timedelta(minutes=30)
MOST_CODES = 5  # that lie unused, of an account and of an address, within the life of one
MOST_ATTEMPTS = 5
_NEW, _NEW_DELIVERY = insert(table(AddressCode)), insert(table(Delivery))


def request_code(account_id: str, address: str, language: str) -> dict[str, Any]:
    """Send a code to an e-mail address, by the same way as all else that is sent.

    Raises Invalid where this service sends no e-mail, TooMany where five codes of the account or address are unused.
    """
    if not choices.is_available(EMAIL):
        raise Invalid(Fault("address", "channel_unavailable"))
    code_id, moment, digest = new_id(), now(), sha256(address.lower().encode()).hexdigest()
    row: dict[str, Any] = {"id": code_id, "account_id": account_id, "channel": EMAIL, "address": {"address": address}}
    row |= {"digest": digest, "language": language, "attempts": 0, "used_at": None}
    with transaction():
        _bound_codes(account_id, digest)
        add(_NEW, row | {"created_at": moment, "expires_at": moment + LIFE})
        named = {"account_id": account_id, "fact_id": code_id, "number": None, "submission_id": None}
        sent = planning.fresh(EMAIL, concerns.CODE, WAITING, moment, True, **named, move="code", at=moment)
        add(_NEW_DELIVERY, sent)
        planning.ring([sent])
    answer = {"code_id": code_id, "expires_in": int(LIFE.total_seconds())}
    return answer | ({"demo_code": code_of(code_id)} if settings().demo else {})


def _bound_codes(account_id: str, digest: str) -> None:
    held, since = AddressCode, now() - LIFE
    for whose in (held.account_id == account_id, held.digest == digest):
        unused = select(func.count()).where(whose, held.created_at > since, held.used_at.is_(None))
        recent = one(unused)
        if settings().rate_limits and recent is not None and recent[0] >= MOST_CODES:
            raise TooMany("too_many_codes", retry_after=int(LIFE.total_seconds()))


def code_of(code_id: str) -> str:
    """The six digits; whoever sends them works them out like whoever compares them, so that none are kept."""
    said = hmac.digest(settings().secret_key.encode(), f"participate.address.1 {code_id}".encode(), sha256)
    return f"{int.from_bytes(said[:8]) % 10**6:06}"


def verify(account_id: str, code_id: str, code: str) -> None:
    """Use an address from now on, and turn its channel on. Raises Forbidden, whatever was wrong with the code."""
    found = _spend_attempt(account_id, code_id)
    if found is None or not hmac.compare_digest(code_of(code_id), code):
        raise Forbidden("wrong_code")
    with transaction():
        held = choices.take_hold(account_id)
        if not _use_up(code_id):
            raise Forbidden("wrong_code")
        verified = {"on": True, "address": found, "verified_at": now()}
        choices.keep(account_id, EMAIL, held.get(EMAIL), **verified)
        choices.mark(account_id)


def _spend_attempt(account_id: str, code_id: str) -> dict[str, Any] | None:
    """Count the try before the code is compared, so that parallel guesses cannot share one; the code's address."""
    held = AddressCode
    good = held.attempts < MOST_ATTEMPTS, held.used_at.is_(None), held.expires_at > now()
    tried = update(held).where(held.id == code_id, held.account_id == account_id, *good)
    with transaction():
        found = rows(tried.values(attempts=held.attempts + 1).returning(held.address))
    return dict(found[0].address) if found else None


def _use_up(code_id: str) -> bool:
    held = AddressCode
    used = update(held).where(held.id == code_id, held.used_at.is_(None)).values(used_at=now())
    return bool(rows(used.returning(held.id)))
