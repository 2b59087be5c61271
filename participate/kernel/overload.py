"""What is let in when there is more to do than can be done: so many requests at once, the urgent ones first."""

import threading
from collections import deque
from dataclasses import dataclass

# Threads that a server needs beside one for each place: they wait for a place, read bodies, refuse. Not many more:
# threads that want to compute at once wake one another again and again. With 240 a refusal took five times as long.
SPARE_THREADS = 32
READERS = 16  # So many of them may wait for bodies to come; the others are left to refuse.
PATIENCE_SECONDS = 0.03  # Longer than a usual request takes, shorter than anybody notices.


@dataclass(frozen=True, eq=False)
class Urgency:
    """A class of requests.

    `reach` is the share of all places up to which one is let in: what lies above is kept free for the more urgent.
    `share` is how much of all places the class may itself hold; who asks for more is let in as `instead`, if at all.
    `rest` bounds the seconds after which one who was refused may ask again: drawn at random, so that not all who
    were refused at once come back at once.
    """

    name: str
    reach: float
    share: float = 1.0
    instead: "Urgency | None" = None
    rest: tuple[int, int] = (1, 3)


# Signing in is costly on purpose, and open to everyone: it may not take all places.
SIGN_IN = Urgency("sign_in", reach=1.0, share=0.5)
# Those who write wait for one another, not for the processor: with more than half of all places they would write no
# faster, and nobody could read meanwhile.
REPORT = Urgency("report", reach=0.9, share=0.5)
# A claim that costs nothing to make: few places, beyond which it is a report like others.
EMERGENCY = Urgency("emergency", reach=1.0, share=0.25, instead=REPORT)
DECISION = Urgency("decision", reach=1.0, share=0.75)
STATUS = Urgency("status", reach=0.8, rest=(2, 5))
LIST = Urgency("list", reach=0.65, rest=(2, 8))
EXPORT = Urgency("export", reach=0.25, rest=(15, 60))
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

    Whoever could go in does so at once, so those who wait are those who cannot: a place that becomes free goes to
    the most urgent of them, and among equals to the first. Safe to use from any number of threads.
    """

    def __init__(self, places: int, patience: float = PATIENCE_SECONDS) -> None:
        """`places` requests at most are inside, and as many wait, each for `patience` seconds at most."""
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
            if self._waiting >= self._reach[urgency]:
                return None
            ticket = _Ticket()
            self._lines[urgency].append(ticket)
            self._waiting += 1
        return urgency if ticket.wait(self._patience) else self._give_up(urgency, ticket)

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
