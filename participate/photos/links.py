"""Links to photos that hold for some minutes, for whatever can send no token: an `<img>`, a download."""

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from participate.kernel.clock import now
from participate.kernel.context import settings

_LENGTH = 32  # characters of base64: 192 bits.


def signed(photo_id: str, name: str) -> str:
    """The path of a photo's rendition, or of its `original`, for anybody who has it, until `expires_at`."""
    until = _until()
    signature = _signature(_key(_secrets()[0]), photo_id, name, until)
    return f"/v1/photos/{photo_id}/{name}?expires={until}&signature={signature}"


def expires_at() -> datetime:
    """Until when a link holds that is made now: in at least half the time that is set for one, and at most in all."""
    return datetime.fromtimestamp(_until(), UTC)


def holds(photo_id: str, name: str, expires: int | None, signature: str | None) -> bool:
    """Whether we have signed this, with our present key or one that was used before, and its time is not over."""
    if signature is None or expires is None or expires <= now().timestamp():
        return False
    keys = [_key(secret) for secret in _secrets()]
    ours = [_signature(key, photo_id, name, expires).encode() for key in keys]
    return sum(hmac.compare_digest(one, signature.encode()) for one in ours) > 0


def _until() -> int:
    """In steps: who asks again soon gets the same link, so that answers that hold links can be held by their ETag."""
    step = settings().media_link_minutes * 30
    return (int(now().timestamp()) // step + 2) * step


def _secrets() -> tuple[str, ...]:
    return (settings().secret_key, *settings().former_keys)


@lru_cache(maxsize=16)
def _key(secret: str) -> bytes:
    """Of no use for anything else that `secret` protects."""
    return hmac.digest(secret.encode(), b"participate.media.1", sha256)


def _signature(key: bytes, photo_id: str, name: str, until: int) -> str:
    said = hmac.digest(key, f"{name}\n{photo_id}\n{until}".encode(), sha256)
    return urlsafe_b64encode(said).decode()[:_LENGTH]
