"""What is let in when there is more to do than can be done: so many requests at once, the urgent ones first."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

LINE = 5  # So many may wait for each place: together no longer than a person notices, see `Turnstile`.
READERS = 32  # Where each takes a thread (WSGI), so many may wait for their bodies to come.


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
STATUS = Urgency("status", reach=0.8, patience=0.5, rest=(2, 5))
LIST = Urgency("list", reach=0.65, patience=0.5, rest=(2, 8))
EXPORT = Urgency("export", reach=0.25, patience=0.5, rest=(15, 60))
URGENCIES = (EMERGENCY, DECISION, SIGN_IN, REPORT, STATUS, LIST, EXPORT)  # The most urgent first.
# Whoever asks whether the service lives must hear that it does: never counted, never refused.
PROBE = Urgency("probe", reach=1.0)


def usual(method: str, is_desk: bool, is_public: bool) -> Urgency:
    """How urgent a route is that does not say: who acts goes before who reads, and a desk before the public."""
    if method != "GET":
        return DECISION if is_desk else REPORT
    return LIST if is_public and not is_desk else STATUS


class Ticket:
    """Somebody who wants a place.

    `called` is told as soon as there is one, `ousted` if somebody more urgent has taken theirs in the line; both must
    be quick. Who `stays` is not ousted.
    """

    __slots__ = ("called", "has_place", "ousted", "stays", "urgency")

    def __init__(self, urgency: Urgency, called: Callable[[], object], ousted: Callable[[], object]) -> None:
        """`urgency` is the class that it comes under, and from `Turnstile.apply` on the one that it counts under."""
        self.urgency, self.called, self.ousted = urgency, called, ousted
        self.has_place = self.stays = False


class Turnstile:
    """Counts who is in, lets in who may, and has a few wait for a moment.

    The line is bounded by its length rather than by time: who is in it will almost surely be served, soon, and who
    would wait for long is refused at once. So a burst is taken in, and an overload costs nobody their time. Where the
    line is full, whoever comes takes the place of the last of those who are less urgent.

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
        self._lines: dict[Urgency, deque[Ticket]] = {urgency: deque() for urgency in URGENCIES}
        self._waiting = 0

    def enter(self, urgency: Urgency) -> Urgency | None:
        """Take a place, waiting in this thread; returns the class that it counts under, or None where none is free."""
        come = threading.Event()
        ticket = Ticket(urgency, come.set, come.set)
        if not self.apply(ticket):
            return None
        if not come.wait(self.patience(ticket)):
            self.give_up(ticket)
        return ticket.urgency if ticket.has_place else None

    def patience(self, ticket: Ticket) -> float:
        """How many seconds whoever holds `ticket` is to wait."""
        return ticket.urgency.patience if self._patience is None else self._patience

    def apply(self, ticket: Ticket) -> bool:
        """Take a place, or one in the line; False where there is neither. Who `stays` finds room in any line."""
        with self._lock:
            urgency = ticket.urgency = self._counted(ticket.urgency)
            if self._fits(urgency):
                self._admit(ticket)
            elif ticket.stays or self._has_room(urgency) or self._oust(urgency):
                self._lines[urgency].append(ticket)
                self._waiting += 1
            else:
                return False
            return True

    def would_refuse(self, urgency: Urgency) -> bool:
        """Whether one who came now would find neither a place nor one in the line."""
        with self._lock:
            urgency = self._counted(urgency)
            return not (self._fits(urgency) or self._has_room(urgency) or self._last_below(urgency))

    def give_up(self, ticket: Ticket) -> bool:
        """Wait no longer; False for one who does not wait any more, since the place, or another, came."""
        with self._lock:
            if ticket not in self._lines[ticket.urgency]:
                return False
            self._lines[ticket.urgency].remove(ticket)
            self._waiting -= 1
            return True

    def leave(self, urgency: Urgency) -> None:
        """Give back a place that was given under `urgency`."""
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
                self._waiting -= 1
                self._admit(line.popleft())

    def _admit(self, ticket: Ticket) -> None:
        self._take(ticket.urgency)
        ticket.has_place = True
        ticket.called()

    def _last_below(self, urgency: Urgency) -> Ticket | None:
        """The last of the least urgent who wait and can be ousted by one of this class."""
        for other in reversed(URGENCIES):
            if other is urgency:
                break
            for ticket in reversed(self._lines[other]):
                if not ticket.stays:
                    return ticket
        return None

    def _oust(self, urgency: Urgency) -> bool:
        ticket = self._last_below(urgency)
        if ticket is None:
            return False
        self._lines[ticket.urgency].remove(ticket)
        self._waiting -= 1
        ticket.ousted()
        return True

    def _counted(self, urgency: Urgency) -> Urgency:
        """The class that one is let in under."""
        if urgency.instead is not None and self._held[urgency] >= self._share[urgency]:
            return urgency.instead
        return urgency

    def _has_room(self, urgency: Urgency) -> bool:
        return self._waiting < LINE * self._reach[urgency]

    def _fits(self, urgency: Urgency) -> bool:
        return self._inside < self._reach[urgency] and self._held[urgency] < self._share[urgency]

    def _take(self, urgency: Urgency) -> None:
        self._inside += 1
        self._held[urgency] += 1

    def counts(self) -> tuple[int, int]:
        """How many are inside and how many wait, at this moment."""
        with self._lock:
            return self._inside, self._waiting
