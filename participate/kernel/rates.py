"""How often one may ask: buckets of tokens for each account and each address, in this process's own memory.

Nothing waits for a store here, and losing the buckets with their process costs nothing but a burst. With several web
processes a caller may ask as many times as often as there are processes: the rates below are small enough for that.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from wsgiref.types import WSGIEnvironment

from flask import Flask, current_app, request

from participate.config import Settings
from participate.kernel import tally
from participate.kernel.errors import TooMany
from participate.kernel.overload import DECISION, REPORT, SIGN_IN

_EXTENSION = "participate.rates"
_MOST = 50_000  # buckets of one rate; about 10 MB of them.
_HOME_BITS = 64  # An IPv6 subscriber has at least so many addresses (RFC 6177).


@dataclass(frozen=True)
class Rate:
    """So many at once, and one more every `seconds` from then on."""

    name: str
    burst: int
    seconds: float


# A whole village may stand behind one address (RFC 6598), so addresses have wide buckets and persons narrow ones.
SIGN_IN_BY_NAME_AND_ADDRESS = Rate("sign_in_by_name_and_address", burst=10, seconds=15)
# Wide enough that nobody is locked out by a stranger who guesses from elsewhere; narrow enough for the guessing.
SIGN_IN_BY_NAME = Rate("sign_in_by_name", burst=60, seconds=2)
SIGN_IN_BY_ADDRESS = Rate("sign_in_by_address", burst=400, seconds=0.25)
WRITE_BY_ACCOUNT = Rate("write_by_account", burst=120, seconds=0.5)
WRITE_BY_ADDRESS = Rate("write_by_address", burst=2000, seconds=0.02)
# Beyond these a claim to be urgent is not refused: the report goes as others do.
EMERGENCY_BY_CALLER = Rate("emergency_by_caller", burst=3, seconds=300)
EMERGENCY_BY_ADDRESS = Rate("emergency_by_address", burst=60, seconds=10)
# What is handed in without an account is read by people all the same; addresses are held in memory here, and nowhere.
NAMELESS_BY_ADDRESS = Rate("nameless_by_address", burst=20, seconds=60)
RATES = (
    NAMELESS_BY_ADDRESS,
    SIGN_IN_BY_NAME_AND_ADDRESS,
    SIGN_IN_BY_NAME,
    SIGN_IN_BY_ADDRESS,
    WRITE_BY_ACCOUNT,
    WRITE_BY_ADDRESS,
    EMERGENCY_BY_CALLER,
    EMERGENCY_BY_ADDRESS,
)
# What is metered at the door: before it is settled who asks, and after.
BY_ADDRESS = {SIGN_IN: SIGN_IN_BY_ADDRESS, REPORT: WRITE_BY_ADDRESS, DECISION: WRITE_BY_ADDRESS}
BY_ACCOUNT = {REPORT: WRITE_BY_ACCOUNT, DECISION: WRITE_BY_ACCOUNT}


class Buckets:
    """One bucket for each key. The generic cell rate algorithm (ITU-T I.371): each is one moment, when it is full.

    At most `most` are kept; beyond that the one that was not asked for the longest is forgotten, which fills it.
    """

    def __init__(self, rate: Rate, most: int = _MOST, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds and never goes back."""
        self._rate, self._most, self._clock = rate, most, clock
        self._full_at: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> float:
        """Take a token; returns 0, or in how many seconds there will be one."""
        moment = self._clock()
        with self._lock:
            full_at = max(self._full_at.get(key, moment), moment) + self._rate.seconds
            missing = full_at - moment - self._rate.burst * self._rate.seconds
            if missing <= 0:
                self._full_at[key] = full_at
            if key in self._full_at:
                self._full_at.move_to_end(key)
            if len(self._full_at) > self._most:
                self._full_at.popitem(last=False)
        return max(missing, 0.0)

    def __len__(self) -> int:
        """How many buckets are kept."""
        return len(self._full_at)


class Limits:
    """The buckets of every rate; those that are off give without end."""

    def __init__(self, on: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._buckets = {rate: Buckets(rate, clock=clock) for rate in RATES} if on else {}

    def wait(self, rate: Rate, key: str) -> float:
        """Take a token from the bucket of `key`; returns 0, or the seconds to wait for one."""
        buckets = self._buckets.get(rate)
        return 0.0 if buckets is None else buckets.take(key)


def init_rates(app: Flask, settings: Settings) -> None:
    """Give `app` its buckets, unless the settings leave them out."""
    app.extensions[_EXTENSION] = Limits(settings.rate_limits)


def limits_of(app: Flask) -> Limits:
    """The buckets of `app`."""
    found: Limits = app.extensions[_EXTENSION]
    return found


def spend(rate: Rate | None, key: str | None) -> None:
    """Take a token from the bucket of `key`, if there is one. Raises TooMany, which says how long to wait."""
    if rate is None or key is None:
        return
    missing = limits_of(current_app).wait(rate, key)
    if missing:
        tally.count("participate_refusals", reason="too_many_requests")
        raise TooMany("too_many_requests", retry_after=ceil(missing))


def spend_on_signing_in(name: str) -> None:
    """Take what one try to sign in as `name` (a phone or a username) takes. Raises TooMany."""
    spend(SIGN_IN_BY_NAME_AND_ADDRESS, f"{name} {address()}")
    spend(SIGN_IN_BY_NAME, name)


def address() -> str:
    """Whence the present request comes: an IPv4 address, or the network of an IPv6 subscriber."""
    return home(request.remote_addr or "")


@lru_cache(maxsize=4096)
def home(text: str) -> str:
    """The address under which all of one subscriber's requests are counted."""
    try:
        found = ip_address(text)
    except ValueError:
        return text
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, _HOME_BITS), strict=False))
    return text


def may_hurry(limits: Limits, environ: WSGIEnvironment) -> bool:
    """Whether a report that claims to be an emergency is taken for one; who is asked no more than that.

    The token is not looked into, which would take longer than all the rest: whoever invents one gets no further
    than the door, and the address counts as well.
    """
    token = environ.get("HTTP_AUTHORIZATION", "")
    if not token or limits.wait(EMERGENCY_BY_CALLER, sha256(token.encode()).hexdigest()):
        return False
    return not limits.wait(EMERGENCY_BY_ADDRESS, home(environ.get("REMOTE_ADDR", "")))
