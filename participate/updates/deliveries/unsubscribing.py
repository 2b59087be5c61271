"""Going without what can be muted, by one click and without signing in (RFC 8058)."""

import hmac
from base64 import b64decode, urlsafe_b64encode
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select, update

from participate.kernel.context import settings
from participate.kernel.db import execute, one, transaction
from participate.kernel.errors import Missing
from participate.updates import concerns
from participate.updates.deliveries.choices import take_hold
from participate.updates.deliveries.models import ChannelChoice

_SIGNED = 16  # bytes of the signature


def token(unsubscribe_id: str) -> str:
    """What stands in the address: a number that tells nothing of whose it is, and our signature."""
    number = UUID(unsubscribe_id).bytes
    return urlsafe_b64encode(number + _signature(settings().secret_key, number)).decode().rstrip("=")


def read(given: str) -> str:
    """The number in a token of ours, with the present key or a former one. Raises Missing for any other."""
    try:
        said = b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise Missing from error
    number, signature = said[:16], said[16:]
    keys = (settings().secret_key, *settings().former_keys)
    if len(number) < 16 or sum(hmac.compare_digest(_signature(key, number), signature) for key in keys) == 0:
        raise Missing
    return str(UUID(bytes=number))


def _signature(secret: str, number: bytes) -> bytes:
    key = hmac.digest(secret.encode(), b"participate.unsubscribe.1", sha256)
    return hmac.digest(key, number, sha256)[:_SIGNED]


def unsubscribe(given: str) -> None:
    """Mute all that can be muted on the token's channel; a second time changes nothing. Raises Missing.

    Where its person has gone meanwhile, nothing tells so.
    """
    unsubscribe_id, held = read(given), ChannelChoice
    with transaction():
        found = one(select(held.account_id).where(held.unsubscribe_id == unsubscribe_id))
        if found is None:
            return
        take_hold(found.account_id)
        mine = update(held).where(held.unsubscribe_id == unsubscribe_id)
        execute(mine.values(muted=sorted(concerns.MUTABLE), version=held.version + 1))
