"""Whoever waits for a photo may have the answer held back a little (RFC 7240 §4.3), instead of asking again and again.

Each holds a thread, and with it a place: so only few may at once, and not for long. The others hear when to come again.
"""

import re
import time
from collections.abc import Callable
from threading import BoundedSemaphore

from participate.kernel.db import release_reader

WAITERS = BoundedSemaphore(2)  # of each process
MOST_SECONDS = 4
RETRY_SECONDS = 2
_LOOK_SECONDS = 0.15
_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,4})\"?\s*(?:[,;]|$)", re.IGNORECASE)


def wanted_seconds(prefer: str) -> int:
    """How long a `Prefer` header asks to wait, at most MOST_SECONDS; 0 where it does not."""
    found = _WAIT.search(prefer)
    return min(int(found[1]), MOST_SECONDS) if found else 0


def wait_while(is_unfinished: Callable[[], bool], seconds: int) -> bool:
    """Return once it is finished or the time is over; False at once where too many wait already."""
    if not seconds or not WAITERS.acquire(blocking=False):
        return False
    try:
        end = time.monotonic() + seconds
        while is_unfinished() and time.monotonic() < end:
            release_reader()  # Others may read meanwhile.
            time.sleep(_LOOK_SECONDS)
    finally:
        WAITERS.release()
    return True
