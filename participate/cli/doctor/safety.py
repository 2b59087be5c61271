"""What the doctor looks at to see who could get in."""

import ipaddress
import math
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis

from participate.cli.doctor.finding import Finding, fail, ok, warn
from participate.config import Settings
from participate.kernel.wake import connect

_ENOUGH_BITS = 128
# What stands in keys that were copied from somewhere or made up by hand.
_WELL_KNOWN = (
    *("changeme", "change-me", "change_me", "replace", "secret", "password", "passwd", "example", "insecure"),
    *("participate", "default", "development", "letmein", "qwerty", "abcdef", "12345678", "your-key", "testing"),
)
_NEW_KEY = "Make one: openssl rand -hex 32. All sessions end with the old one: docs/operations.md, “Changing the key”."
_PRIVATE = (
    "secret-key",
    "demo-accounts.json",
    "sms.jsonl",
    "mail.jsonl",
    "wechat.jsonl",
    "vapid-key",
    "participate.db",
)


def secret(settings: Settings) -> Iterator[Finding]:
    """Whether SECRET_KEY can be guessed: with it anybody signs tokens for anyone."""
    flaw = weakness(settings.secret_key)
    if flaw is None:
        yield ok("secret", "cannot be guessed")
    else:
        yield fail("secret", f"SECRET_KEY {flaw}", _NEW_KEY)


def weakness(key: str) -> str | None:
    """What makes a key guessable, if anything."""
    lowered = key.lower()
    known = next((word for word in _WELL_KNOWN if word in lowered), None)
    if known is not None:
        return f"holds {known!r}, as keys do that are copied or made up"
    shares = [count / len(key) for count in Counter(key).values()]
    bits = -sum(share * math.log2(share) for share in shares) * len(key)
    return None if bits >= _ENOUGH_BITS and not _repeats(key) else "is too regular"


def _repeats(key: str) -> bool:
    """Whether it is one piece over and over."""
    return key in (key + key)[1:-1]


def _local(host: str | None) -> bool:
    if host in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def demo(settings: Settings) -> Iterator[Finding]:
    """Whether the demo, whose passwords everybody knows, can be reached or has left accounts behind."""
    if settings.demo:
        text = "demo mode: one-time codes are shown to whoever asks, passwords are known"
        remedy = "Unset PARTICIPATE_DEMO where real people sign in."
        yield warn("demo", text, remedy) if _local(settings.host) else fail("demo", text, remedy)
        return
    from participate.cli.demo import staff_opened

    found = staff_opened()
    if found:
        names = ", ".join(found)
        yield fail("demo", f"the demo's known password opens {names}", "Start from a database without the demo.")
    else:
        yield ok("demo", "off, and no account has the demo's password")


def rate_limits(settings: Settings) -> Iterator[Finding]:
    """Whether guessing is slowed down."""
    if settings.rate_limits:
        yield ok("rate_limits", "on")
    else:
        yield warn("rate_limits", "off: codes and passwords can be guessed", "Unset PARTICIPATE_RATE_LIMITS.")


def files(settings: Settings) -> Iterator[Finding]:
    """Whether other users of this machine can read what they should not."""
    exposed = [path for name in _PRIVATE if (path := settings.data_dir / name).exists() and _readable_by_others(path)]
    if exposed:
        names = " ".join(str(path) for path in exposed)
        yield warn("files", f"other users of this machine can read {names}", f"chmod 600 {names}")
    else:
        yield ok("files", "private to the service's own user")


def _readable_by_others(path: Path) -> bool:
    """Whether its own mode lets others read it, and all folders above let them get there."""
    if not path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return False
    return all(folder.stat().st_mode & (stat.S_IXGRP | stat.S_IXOTH) for folder in path.parents)


def mail(settings: Settings) -> Iterator[Finding]:
    """Whether what people are told travels in the clear."""
    to = urlsplit(settings.smtp_url)
    if to.scheme == "smtp" and not _local(to.hostname):
        yield warn("mail", f"mail goes to {to.hostname} in the clear", "Use smtps:// or smtp+starttls://.")
    elif settings.smtp_url and not settings.public_url.startswith("https://"):
        remedy = "Set PARTICIPATE_PUBLIC_URL to the https:// address under which people reach this service."
        yield warn("mail", f"links in messages lead to {settings.public_url}", remedy)
    else:
        yield ok("mail", "nothing travels in the clear" if settings.smtp_url else "no e-mail is sent")


def reach(settings: Settings) -> Iterator[Finding]:
    """Who can reach the store: whoever can, can make the workers do things."""
    url = urlsplit(settings.redis_url)
    if url.scheme == "redis" and not _local(url.hostname):
        yield warn("store_reach", f"jobs travel to {url.hostname} in the clear", "Use rediss://, or a private network.")
    try:
        yield judged_reach(_told(connect(settings.redis_url)))
    except redis.RedisError:
        yield warn("store_reach", "the store does not tell who can reach it", "Make sure that only the service can.")


def _told(client: redis.Redis) -> dict[Any, Any]:
    told: dict[Any, Any] = client.config_get("bind", "port", "tls-port", "protected-mode", "requirepass")
    return told


def judged_reach(told: Mapping[Any, Any]) -> Finding:
    """`told` is the store's own configuration."""
    if told.get("port", "0") == "0" and told.get("tls-port", "0") == "0":
        return ok("store_reach", "by a socket of this machine alone")
    addresses = [address.lstrip("-") for address in str(told.get("bind", "")).split()]
    if addresses and all(_local(address) for address in addresses):
        return ok("store_reach", "from this machine alone")
    if told.get("requirepass"):
        return ok("store_reach", "over the network, with a password")
    if told.get("protected-mode") == "yes":
        return ok("store_reach", "from this machine alone, as protected-mode is on")
    remedy = "Set requirepass (and its password in REDIS_URL), or bind it to a private address behind a firewall."
    return fail("store_reach", "anybody on the network, without a password", remedy)
