"""A queue of staff as a source of streams: each reader hears of what they may see, and nothing tells of the rest."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from flask import Response

from participate.kernel import positions, queues, streaming
from participate.kernel.auth import Caller, account
from participate.kernel.conditional import as_json
from participate.kernel.db import AnyRow
from participate.kernel.events import Event, mark
from participate.kernel.queues import ALL
from participate.kernel.streams import Span, Stream

CAME, GONE = "came", "gone"
RESET = "reset"


class Queue:
    """One queue. `sees` says of a reader, as they are just now, and of what an event holds whether they may see it."""

    def __init__(self, name: str, sees: Callable[[Caller, dict[str, Any]], bool]) -> None:
        """Known by its name to those who tell of it."""
        self.name, self._sees = name, sees

    def last(self, keys: Collection[str]) -> Mapping[str, int]:
        """See `streams.Source`; the same for all, who are given numbers on the way."""
        return dict.fromkeys(keys, queues.last(self.name))

    def read(self, spans: Collection[Span]) -> Mapping[Span, Sequence[AnyRow]]:
        """See `streams.Source`."""
        found = queues.read(self.name, sorted({number for span in spans for _, number in span.each()}))
        return {span: [found[number] for _, number in span.each() if number in found] for span in spans}

    def shown(self, caller: Caller, _language: str, entries: Sequence[AnyRow]) -> Iterable[Event]:
        """What has become of those that they see, or have seen until then."""
        for row in entries:
            told = self._told(caller, row)
            if told is not None:
                yield Event(as_json(told), positions.sealed(self.name, caller.account_id, row.number))

    def beat(self, stream: Stream) -> bytes:
        """Where the reader is, though there was nothing for them: so that they can go on from there."""
        return mark(positions.sealed(self.name, stream.caller.account_id, stream.behind))

    def answer(self, roles: Collection[str]) -> Response:
        """A stream for the caller, who holds one of `roles`: from where they are, or from now on.

        Where what has happened since then is not kept any more it begins with the event `reset`.
        """
        after, me, upto = streaming.go_on_after(None), account(), queues.last(self.name)
        behind = upto if after is None else positions.opened(self.name, me, after)
        if behind is not None and queues.goes_on(self.name, behind, upto):
            return streaming.answer(self, ALL, behind, mark(positions.sealed(self.name, me, behind)), roles)
        first = Event(b"{}", positions.sealed(self.name, me, upto), RESET).written()
        return streaming.answer(self, ALL, upto, first, roles)

    def _told(self, caller: Caller, row: AnyRow) -> dict[str, Any] | None:
        before, after = (seen is not None and self._sees(caller, seen) for seen in row.seen)
        said: dict[str, Any] = {"id": row.subject_id, "version": row.version, "at": row.at}
        if after:
            return {**said, "what": row.what if before else CAME, **row.shown}
        return said | {"what": GONE} if before else None
