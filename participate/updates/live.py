"""A feed as a source of streams: its readers hear of each entry as it comes."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import bindparam, select, tuple_

from participate.kernel.auth import Caller
from participate.kernel.conditional import as_json
from participate.kernel.db import AnyRow, rows
from participate.kernel.events import BEAT, Event
from participate.kernel.streams import Span, Stream
from participate.updates import queries
from participate.updates.models import Feed, FeedEntry

NAME = "feed"
_LAST = select(Feed.account_id, Feed.last).where(Feed.account_id.in_(bindparam("ids", expanding=True)))
# They are numbered without a gap, so those wanted can be named one by one: each is a look-up in the index.
_NUMBER = tuple_(FeedEntry.account_id, FeedEntry.number)
_ENTRIES = select(FeedEntry.account_id, *queries.SHOWN).where(_NUMBER.in_(bindparam("wanted", expanding=True)))


class Feeds:
    """Everybody's feeds, by their accounts."""

    name = NAME

    def last(self, keys: Collection[str]) -> Mapping[str, int]:
        """See `streams.Source`."""
        return {row.account_id: row.last for row in rows(_LAST, {"ids": list(keys)})}

    def read(self, spans: Collection[Span]) -> Mapping[Span, Sequence[AnyRow]]:
        """See `streams.Source`."""
        wanted = {each for span in spans for each in span.each()}
        found = {(row.account_id, row.number): row for row in rows(_ENTRIES, {"wanted": sorted(wanted)})}
        return {span: [found[each] for each in span.each() if each in found] for span in spans}

    def shown(self, caller: Caller, language: str, entries: Sequence[AnyRow]) -> Iterable[Event]:
        """Each as the list of updates shows it."""
        return (Event(as_json(queries.present(row, language)), row.id) for row in entries)

    def beat(self, _stream: Stream) -> bytes:
        """Nothing: each entry says itself where to go on."""
        return BEAT


FEEDS = Feeds()
