"""A place in a log as its reader is told it: it looks like any other id, and says nothing to anybody but the service.

Numbers would tell how much goes on beyond a reader's scope, and so would two places that can be compared. So each is
encrypted anew whenever it is told, by a key of its log's and reader's own, and bears a tag that nobody else can make.
"""

import secrets
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

from participate.kernel.context import settings

_NONCE, _NUMBER, _TAG = 5, 6, 5  # bytes, together those of a UUID


def sealed(log: str, reader: str | None, number: int) -> str:
    """The place behind this number of a log, told to one reader."""
    key, nonce = _key(settings().secret_key, log, reader), secrets.token_bytes(_NONCE)
    hidden = _hide(key, nonce, number.to_bytes(_NUMBER))
    return str(UUID(bytes=nonce + hidden + _tag(key, nonce + hidden)))


def opened(log: str, reader: str | None, place: str) -> int | None:
    """The number; None for a place that this reader was never told, or so long ago that its key is gone."""
    data, held = UUID(place).bytes, settings()
    body, tag = data[:-_TAG], data[-_TAG:]
    for secret in (held.secret_key, *held.former_keys):
        key = _key(secret, log, reader)
        if secrets.compare_digest(tag, _tag(key, body)):
            return int.from_bytes(_hide(key, body[:_NONCE], body[_NONCE:]))
    return None


@lru_cache(maxsize=4096)
def _key(secret: str, log: str, reader: str | None) -> bytes:
    return blake2b(f"{log} {reader}".encode(), key=blake2b(secret.encode()).digest(), digest_size=32).digest()


def _hide(key: bytes, nonce: bytes, number: bytes) -> bytes:
    """There and back."""
    pad = blake2b(nonce, key=key, digest_size=_NUMBER, person=b"hide").digest()
    return bytes(one ^ other for one, other in zip(number, pad, strict=True))


def _tag(key: bytes, body: bytes) -> bytes:
    return blake2b(body, key=key, digest_size=_TAG, person=b"tag").digest()
