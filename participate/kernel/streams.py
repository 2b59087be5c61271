"""Streams of events: who has one open in this process, of what, and how far each has come.

An open stream holds no place at the turnstile, no thread and no task: the server keeps its connection, and we keep
what it takes to send something there. What is sent is read from rows that are numbered without a gap, so that nothing
is lost or told twice whatever becomes of a wake-up: see `herald`.
"""

import logging
import random
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow
from participate.kernel.errors import Unavailable
from participate.kernel.events import Event, retry

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPStreamTransport as Transport

MOST_OF_ONE = 5  # streams of one account in one process; the oldest makes room for one more.
# Nobody can tell what a client has taken: the server keeps what it has not. So a stream carries no more than this, and
# goes on as another one.
LONGEST = 128 * 2**10  # bytes
PAGE = 50  # entries for one reader at one go
_BACK_SECONDS = (2.0, 5.0)
_FULL_SECONDS = (5, 30)
_OTHER_FILES = 1500  # Other connections, bodies that are long, the database.
# Why a stream is ended, and after how many seconds its client is to come again.
ENDS = {
    "token_expired": (0.5, 1.0),
    "session_ended": (30.0, 60.0),
    "too_many_streams": (60.0, 120.0),
    "much": (0.1, 0.2),
    "stopping": (1.0, 5.0),
}
GONE = "gone"

K = TypeVar("K")
_log = logging.getLogger(__name__)
Wake = tuple[str, str]  # A source's name, and whose.


class Span(NamedTuple):
    """The entries of `key` behind a number, up to another, which is among them."""

    key: str
    behind: int
    upto: int

    def each(self) -> list[tuple[str, int]]:
        """The key with each of the numbers, in their order."""
        return [(self.key, number) for number in range(self.behind + 1, self.upto + 1)]


class Source(Protocol):
    """What streams are of: entries that are numbered for each key, from 1 on without a gap."""

    name: str

    def last(self, keys: Collection[str]) -> Mapping[str, int]:
        """The number of each key's last entry, in one indexed statement; nothing for one that has none."""

    def read(self, spans: Collection[Span]) -> Mapping[Span, Sequence[AnyRow]]:
        """The entries of all these, each in their order, in one indexed statement; those forgotten are left out."""

    def shown(self, caller: Caller, language: str, entries: Sequence[AnyRow]) -> Iterable[Event]:
        """What a reader hears of these."""

    def beat(self, stream: "Stream") -> bytes:
        """What is sent while there is nothing to tell, in the application's context."""


class Stream:
    """One stream. `behind` is the number of the last entry that was dealt with, `ends_at` when its token runs out.

    Whoever no longer holds one of `roles` has it ended; where there are none, they are not asked for.
    """

    __slots__ = ("behind", "caller", "ends_at", "key", "language", "roles", "sent", "source", "told_at", "transport")

    def __init__(self, source: Source, key: str, behind: int, caller: Caller, language: str) -> None:
        """Not open yet."""
        self.source, self.key, self.behind = source, key, behind
        self.caller, self.language, self.roles = caller, language, frozenset[str]()
        self.sent, self.told_at, self.ends_at = 0, monotonic(), float("inf")
        self.transport: Transport | None = None

    @property
    def wake(self) -> Wake:
        """What wakes it."""
        return self.source.name, self.key

    def span(self, last: int) -> Span | None:
        """What it is to read next, if the last entry has this number."""
        return Span(self.key, self.behind, min(last, self.behind + PAGE)) if last > self.behind else None

    def send(self, data: bytes) -> bool:
        """Give the server something to send, which takes no time; False once the client is gone or it is ended."""
        transport = self.transport
        if transport is None:
            return False
        try:
            for _ in transport.send_bytes(data).__await__():
                pass  # Done by now: there is nothing to wait for.
        except RuntimeError:  # The server's own for a connection that is no more.
            return False
        self.sent += len(data)
        self.told_at = monotonic()
        return True


class Streams:
    """The open streams of this process. Safe to use from any number of threads."""

    def __init__(self, most: int, count: Callable[..., None]) -> None:
        """At most about `most` at once; `count(name, **labels)` counts what becomes of them."""
        self.most, self.is_closing = most, False
        self._count, self._lock = count, threading.Lock()
        self._of: dict[Wake, list[Stream]] = defaultdict(list)
        self._of_account: dict[str | None, list[Stream]] = defaultdict(list)
        self._number = 0
        self.opened: Callable[[Stream], None] = lambda _stream: None

    def __len__(self) -> int:
        """How many there are."""
        return self._number

    def keep_within(self, files: int) -> None:
        """Have no more than leave room for all else in a process that may have so many files open."""
        if self.most > files - _OTHER_FILES:
            self.most = max(1, files - _OTHER_FILES)
            _log.warning("few files may be open", extra={"files": files, "streams": self.most})

    def check_room(self) -> None:
        """Raises Unavailable where there is no room for one more."""
        if self.is_closing or self._number >= self.most:
            self._count("participate_refusals", reason="streams")
            raise Unavailable(random.randint(*_FULL_SECONDS))  # noqa: S311 - jitter

    def open(self, stream: Stream, transport: "Transport", first: bytes = b"") -> None:
        """Begin to send it, beginning with `first`."""
        stream.transport = transport
        stream.send(retry(random.uniform(*_BACK_SECONDS)) + first)  # noqa: S311 - jitter
        with self._lock:
            theirs = self._of_account[stream.caller.account_id]
            over = theirs[: max(0, len(theirs) + 1 - MOST_OF_ONE)]
            theirs.append(stream)
            self._of[stream.wake].append(stream)
            self._number += 1
        for oldest in over:
            self.end(oldest, "too_many_streams")
        self._count("participate_streams_opened", source=stream.source.name)
        self.opened(stream)

    def end(self, stream: Stream, why: str) -> None:
        """Let its client know why it ends, unless that is gone. Ended already, nothing happens."""
        with self._lock:
            if stream.transport is None or not _taken_out(self._of, stream.wake, stream):
                return
            _taken_out(self._of_account, stream.caller.account_id, stream)
            self._number -= 1
        if why != GONE:
            back = random.uniform(*ENDS[why])  # noqa: S311 - jitter
            stream.send(retry(back) + Event(f'{{"why":"{why}"}}'.encode(), name="end").written())
        stream.transport = None  # The server closes it once nobody holds on to this.
        self._count("participate_streams_ended", why=why)

    def close(self) -> None:
        """End all of them soon, and open no more."""
        self.is_closing = True

    def of(self, wake: Wake) -> list[Stream]:
        """Those that this wakes."""
        with self._lock:
            return list(self._of.get(wake, ()))

    def all(self) -> list[Stream]:
        """All of them."""
        with self._lock:
            return [stream for some in self._of.values() for stream in some]

    def wakes(self, among: Iterable[Wake] | None = None) -> set[Wake]:
        """What there are streams of, `among` these."""
        with self._lock:
            return set(self._of) if among is None else self._of.keys() & among


def _taken_out(by: dict[K, list[Stream]], key: K, stream: Stream) -> bool:
    some = by.get(key, [])
    if stream not in some:
        return False
    some.remove(stream)
    if not some:
        del by[key]
    return True
