"""Brings news to open streams: two threads of a process serve all of them, however many there are.

One reads, for those who were woken, what there is behind where they are, many at one go; so a stream costs nothing
while there is nothing to tell. The other looks at the clock. A wake-up may get lost: all are woken now and then.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from participate.kernel.auth import Caller
from participate.kernel.ear import Ear
from participate.kernel.streams import GONE, LONGEST, Source, Span, Stream, Streams, Wake

BEAT_SECONDS = 20.0
TICK_SECONDS = 0.5
# How often all look for what no wake-up has told of: while wake-ups are heard, and while they are not.
LOOK_SECONDS, DEAF_SECONDS = 10.0, 2.0
CHECK_SECONDS = 10.0  # How soon a session that was ended ends its streams.
_AT_ONCE = 500  # keys, or entries, in one statement
_REST_SECONDS = 1.0

Alive = Callable[[Collection[str]], Mapping[str, Caller]]
_log = logging.getLogger(__name__)


class Herald:
    """Serves the streams of one process, from the first one on."""

    def __init__(self, app: Flask, streams: Streams, ear: Ear, alive: Alive) -> None:
        """`alive(session ids)` tells who calls in those sessions that have not ended."""
        self._app, self._streams, self._ear, self._alive = app, streams, ear, alive
        self._woken, self._condition = set[Wake](), threading.Condition()
        self._begun = False
        self._looked_at = self._checked_at = float("-inf")

    def welcome(self, stream: Stream) -> None:
        """One has been opened."""
        with self._condition:
            if not self._begun:
                self._begun = True
                for work in (self._read, self._watch, lambda: self._ear.listen(self.wake)):
                    threading.Thread(target=work, daemon=True).start()
        self.wake([stream.wake])

    def wake(self, wakes: Iterable[Wake] | None = None) -> None:
        """There may be something new for these, or for all."""
        mine = self._streams.wakes(wakes)
        if mine:
            with self._condition:
                self._woken |= mine
                self._condition.notify()

    # The thread that reads.

    def _read(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._woken)
                wakes = set(islice(self._woken, _AT_ONCE))
                self._woken -= wakes
            try:
                more = self._round(wakes)
            except SQLAlchemyError as error:
                _log.warning("streams wait", extra={"reason": type(error).__name__})
                time.sleep(_REST_SECONDS)
                more = wakes
            except Exception:
                _log.exception("unexpected error")  # The next look tries again.
                time.sleep(_REST_SECONDS)
                more = set()
            self.wake(more)

    def _round(self, wakes: Collection[Wake]) -> set[Wake]:
        """Send what there is for these; returns those for whom there is more."""
        more, by_source = set[Wake](), defaultdict[Source, list[Stream]](list)
        for wake in wakes:
            for stream in self._streams.of(wake):
                by_source[stream.source].append(stream)
        with self._app.app_context():
            for source, streams in by_source.items():
                last = source.last({stream.key for stream in streams})
                for some in _together(streams, last):
                    _tell(self._streams, source, some)
                more |= {stream.wake for stream in streams if stream.transport and stream.span(last.get(stream.key, 0))}
        return more

    # The thread that looks at the clock.

    def _watch(self) -> None:
        while True:
            time.sleep(TICK_SECONDS)
            try:
                self.tick()
            except SQLAlchemyError as error:
                _log.warning("streams are not checked", extra={"reason": type(error).__name__})
            except Exception:
                _log.exception("unexpected error")

    def tick(self) -> None:
        """Do what is due at this moment."""
        moment = time.monotonic()
        with self._app.app_context():
            for stream in self._streams.all():
                if self._streams.is_closing:
                    self._streams.end(stream, "stopping")
                elif stream.ends_at <= moment:
                    self._streams.end(stream, "token_expired")
                elif stream.told_at + BEAT_SECONDS <= moment and not stream.send(stream.source.beat(stream)):
                    self._streams.end(stream, GONE)
        if moment - self._looked_at >= (LOOK_SECONDS if self._ear.hears else DEAF_SECONDS):
            self._looked_at = moment
            self.wake()
        if moment - self._checked_at >= CHECK_SECONDS:
            self._checked_at = moment
            self._check(self._streams.all())

    def _check(self, streams: Sequence[Stream]) -> None:
        """End those whose session has ended, and let the others see what their roles now let them see."""
        for some in _parts(streams):
            with self._app.app_context():
                alive = self._alive({stream.caller.session_id or "" for stream in some})
            for stream in some:
                caller = alive.get(stream.caller.session_id or "")
                if caller is None or (stream.roles and not caller.has(*stream.roles)):
                    self._streams.end(stream, "session_ended")
                else:
                    stream.caller = caller


def _parts(streams: Sequence[Stream]) -> Iterable[Sequence[Stream]]:
    return (streams[start : start + _AT_ONCE] for start in range(0, len(streams), _AT_ONCE))


def _together(streams: Sequence[Stream], last: Mapping[str, int]) -> Iterable[Mapping[Span, Sequence[Stream]]]:
    """Who is to read what next, in parts of so many entries as one statement may ask for."""
    part, size = defaultdict[Span, list[Stream]](list), 0
    for stream in streams:
        span = stream.span(last.get(stream.key, 0))
        if span is None:
            continue
        if span not in part:
            if size >= _AT_ONCE:
                yield part
                part, size = defaultdict(list), 0
            size += span.upto - span.behind
        part[span].append(stream)
    if part:
        yield part


def _tell(streams: Streams, source: Source, readers: Mapping[Span, Sequence[Stream]]) -> None:
    found = source.read(readers.keys())
    for span, some in readers.items():
        for stream in some:
            is_there = all(
                stream.send(event.written()) for event in source.shown(stream.caller, stream.language, found[span])
            )
            stream.behind = span.upto
            if not is_there:
                streams.end(stream, GONE)
            elif stream.sent > LONGEST:
                streams.end(stream, "much")
