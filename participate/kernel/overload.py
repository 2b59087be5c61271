"""What is let in when there is more to do than can be done: so many requests at once, the urgent ones first."""

import threading
from collections import deque
from dataclasses import dataclass

LINE = 2  # So many may wait for each place: together no longer than a person notices, see `Turnstile`.
READERS = 32  # So many may wait for their bodies to come; the others are left to refuse.
_REFUSERS = 16


def threads(places: int) -> int:
    """How many threads a server needs: for those inside, those in line, those who read a body, and to refuse.

    Not many more: threads that want to compute at once wake one another again and again. With 240 a refusal took five
    times as long.
    """
    return places * (1 + LINE) + READERS + _REFUSERS


@dataclass(frozen=True, eq=False)
class Urgency:
    """A class of requests.

    `reach` is the share of all places up to which one is let in: what lies above is kept free for the more urgent.
    `share` is how much of all places the class may itself hold; who asks for more is let in as `instead`, if at all.
    `patience` is how many seconds one waits at most; only a line that stands still takes so long, or one that the more
    urgent keep passing.
    `rest` bounds the seconds after which one who was refused may ask again: drawn at random, so that not all who
    were refused at once come back at once.
    """

    name: str
    reach: float
    share: float = 1.0
    instead: "Urgency | None" = None
    patience: float = 1.0
    rest: tuple[int, int] = (1, 3)


# Signing in is costly on purpose, and open to everyone: it may not take all places.
SIGN_IN = Urgency("sign_in", reach=1.0, share=0.5)
# Those who write wait for one another, not for the processor: with more than half of all places they would write no
# faster, and nobody could read meanwhile.
REPORT = Urgency("report", reach=0.9, share=0.5)
# A claim that costs nothing to make: few places, beyond which it is a report like others.
EMERGENCY = Urgency("emergency", reach=1.0, share=0.25, instead=REPORT)
DECISION = Urgency("decision", reach=1.0, share=0.75)
STATUS = Urgency("status", reach=0.8, patience=0.04, rest=(2, 5))
LIST = Urgency("list", reach=0.65, patience=0.04, rest=(2, 8))
EXPORT = Urgency("export", reach=0.25, patience=0.04, rest=(15, 60))
URGENCIES = (EMERGENCY, DECISION, SIGN_IN, REPORT, STATUS, LIST, EXPORT)  # The most urgent first.
# Whoever asks whether the service lives must hear that it does: never counted, never refused.
PROBE = Urgency("probe", reach=1.0)


def usual(method: str, is_desk: bool, is_public: bool) -> Urgency:
    """How urgent a route is that does not say: who acts goes before who reads, and a desk before the public."""
    if method != "GET":
        return DECISION if is_desk else REPORT
    return LIST if is_public and not is_desk else STATUS


_Ticket = threading.Event  # Set as soon as the one who waits has a place.


class Turnstile:
    """Counts who is in, lets in who may, and has a few wait for a moment.

    The line is bounded by its length rather than by time: who is in it will almost surely be served, soon, and who
    would wait for long is refused at once. So a burst is taken in, and an overload costs nobody their time.

    Whoever could go in does so at once, so those who wait are those who cannot: a place that becomes free goes to
    the most urgent of them, and among equals to the first. Safe to use from any number of threads.
    """

    def __init__(self, places: int, patience: float | None = None) -> None:
        """`places` requests at most are inside, and LINE times as many wait: `patience` seconds, if not their own."""
        self.places, self._patience = places, patience
        self._lock = threading.Lock()
        self._inside = 0
        self._held = dict.fromkeys(URGENCIES, 0)
        self._reach = {urgency: max(1, int(places * urgency.reach)) for urgency in URGENCIES}
        self._share = {urgency: max(1, int(places * urgency.share)) for urgency in URGENCIES}
        self._lines: dict[Urgency, deque[_Ticket]] = {urgency: deque() for urgency in URGENCIES}
        self._waiting = 0

    def enter(self, urgency: Urgency) -> Urgency | None:
        """Take a place; returns the class that it counts under, to be handed to `leave`, or None where none is free."""
        with self._lock:
            if urgency.instead is not None and self._held[urgency] >= self._share[urgency]:
                urgency = urgency.instead
            if self._fits(urgency):
                self._take(urgency)
                return urgency
            if self._waiting >= LINE * self._reach[urgency]:
                return None
            ticket = _Ticket()
            self._lines[urgency].append(ticket)
            self._waiting += 1
        patience = urgency.patience if self._patience is None else self._patience
        return urgency if ticket.wait(patience) else self._give_up(urgency, ticket)

    def _give_up(self, urgency: Urgency, ticket: _Ticket) -> Urgency | None:
        with self._lock:
            if ticket.is_set():  # The place came in the very last moment.
                return urgency
            self._lines[urgency].remove(ticket)
            self._waiting -= 1
            return None

    def leave(self, urgency: Urgency) -> None:
        """Give back a place that `enter` or `resume` has given under `urgency`."""
        with self._lock:
            self._inside -= 1
            self._held[urgency] -= 1
            if self._waiting:
                self._call_the_next()

    def resume(self, urgency: Urgency) -> None:
        """Take a place again that was given back for a while, even where none is free: half-done work goes first."""
        with self._lock:
            self._take(urgency)

    def _call_the_next(self) -> None:
        for urgency in URGENCIES:
            line = self._lines[urgency]
            while line and self._fits(urgency):
                self._take(urgency)
                self._waiting -= 1
                line.popleft().set()

    def _fits(self, urgency: Urgency) -> bool:
        return self._inside < self._reach[urgency] and self._held[urgency] < self._share[urgency]

    def _take(self, urgency: Urgency) -> None:
        self._inside += 1
        self._held[urgency] += 1

    def counts(self) -> tuple[int, int]:
        """How many are inside and how many wait, at this moment."""
        with self._lock:
            return self._inside, self._waiting
