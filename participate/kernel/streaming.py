"""How a view answers with a stream of events, whatever server it is under."""

from collections.abc import Collection, Iterator
from time import monotonic
from typing import Any

from flask import Flask, Response, current_app, request

from participate.config import Settings
from participate.kernel import tally
from participate.kernel.auth import caller, seconds_left
from participate.kernel.ear import Ear
from participate.kernel.errors import Fault, Invalid
from participate.kernel.events import MEDIA_TYPE, retry
from participate.kernel.herald import Alive, Herald
from participate.kernel.ids import is_id
from participate.kernel.problems import language
from participate.kernel.rsgi import TAKEN
from participate.kernel.streams import Source, Stream, Streams

_EXTENSION = "participate.streams"
_AGAIN_SECONDS = 5.0
# A proxy that waits for more before it hands on what there is would hold back each event.
_HEADERS = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no", "Vary": "Authorization, Accept-Language"}


def init_streams(app: Flask, settings: Settings, alive: Alive) -> None:
    """Give `app` its streams; nothing is begun before the first one is opened. For `alive` see `Herald`."""

    def count(name: str, **labels: str) -> None:
        tally.of(app).add(name, 1.0, **labels)

    streams = app.extensions[_EXTENSION] = Streams(settings.most_streams, count)
    streams.opened = Herald(app, streams, Ear(settings.redis_url), alive).welcome


def streams_of(app: Flask) -> Streams:
    """The open streams of `app` in this process."""
    found: Streams = app.extensions[_EXTENSION]
    return found


def go_on_after(after: str | None) -> str | None:
    """The id of the last event that the caller has: who comes back says it in a header, newer than `after` in the URL.

    Raises Invalid for a header that no stream has ever given.
    """
    told = request.headers.get("Last-Event-ID") or after
    if told is not None and not is_id(told):
        raise Invalid(Fault("Last-Event-ID", "cursor"))
    return told


def answer(source: Source, key: str, behind: int, first: bytes = b"", roles: Collection[str] = ()) -> Response:
    """A stream of what `key` gets behind the number `behind`, which begins with `first`.

    It ends with the caller's token, and where they no longer hold one of `roles`, if there are any. Raises
    Unavailable where there are too many already.
    """
    app: Any = current_app
    streams, stream = streams_of(app), Stream(source, key, behind, caller(), language())
    streams.check_room()
    stream.roles, stream.ends_at = frozenset(roles), monotonic() + seconds_left()
    if request.method == "GET":
        request.environ[TAKEN] = lambda transport: streams.open(stream, transport, first)
    told = _at_once(app._get_current_object(), stream, first)
    return Response(told, content_type=MEDIA_TYPE, headers=_HEADERS)


def _at_once(app: Flask, stream: Stream, first: bytes) -> Iterator[bytes]:
    """What there is now, under a server that would need a thread for each stream: its client comes back for more."""
    yield retry(_AGAIN_SECONDS) + first
    with app.app_context():
        span = stream.span(stream.source.last([stream.key]).get(stream.key, 0))
        found = stream.source.read([span])[span] if span else ()
        for event in stream.source.shown(stream.caller, stream.language, found):
            yield event.written()
        stream.behind = span.upto if span else stream.behind
        yield stream.source.beat(stream)
