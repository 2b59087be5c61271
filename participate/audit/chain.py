"""The seals: each is keyed, and covers its entry, its position and the seal before it (HMAC-SHA256, RFC 2104)."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

COVERED = ("id", "at", "actor_id", "action", "subject_type", "subject_id", "reason", "details")
START = "0" * 64


@dataclass(frozen=True)
class Head:
    """Where the chain ends: how many entries it holds and the last one's seal."""

    count: int = 0
    seal: str = START


def canonical(entry: Mapping[Any, Any], position: int) -> bytes:
    """The bytes that stand for `entry` at `position`: JSON, its keys sorted, without blanks, times in UTC."""
    covered = {name: entry[name] for name in COVERED} | {"position": position}
    return orjson.dumps(covered, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def link(key: bytes, before: Head, entry: Mapping[Any, Any]) -> Head:
    """The head after `entry` has been added to the chain that ends at `before`."""
    position = before.count + 1
    return Head(position, _mac(key, b"entry", before.seal.encode(), canonical(entry, position)))


def proof(key: bytes, head: Head) -> str:
    """What shows that the chain did end at `head`; no entry holds it, so nobody can rewind the head without the key."""
    return _mac(key, b"head", str(head.count).encode(), head.seal.encode())


def derived(secret: str) -> bytes:
    """The key of the seals, of no use for anything else that `secret` protects."""
    return hmac.digest(secret.encode(), b"participate.audit.1", sha256)


def _mac(key: bytes, *parts: bytes) -> str:
    return hmac.digest(key, b"\n".join(parts), sha256).hex()
