"""HTTP: the caller's updates."""

from dataclasses import replace
from functools import partial
from typing import Any

from flask import Response

from participate.kernel import streaming
from participate.kernel.api import Room
from participate.kernel.auth import SIGNED_IN, account, besides, staff
from participate.kernel.conditional import answer, tag_of, unchanged
from participate.kernel.events import MEDIA_TYPE
from participate.kernel.overload import STATUS
from participate.kernel.paging import page
from participate.kernel.problems import language
from participate.kernel.streaming import go_on_after
from participate.updates import cells, queries, schemas
from participate.updates.live import FEEDS
from participate.updates.models import FeedEntry

updates = Room("updates", description="What the caller hears of their submissions")
# Says in the look-up that every request makes how far the feed has come, so that one that is unchanged takes no other.
READER = replace(SIGNED_IN, besides=queries.LAST)


@updates.route(
    "/me/updates",
    door=READER,
    urgency=STATUS,
    query=schemas.FeedQuery,
    answer=schemas.UpdateList,
    also=(304,),
)
def list_updates(query: dict[str, Any]) -> Response:
    """Every step that concerns the caller, oldest first; `after` is the id of the last one already read."""
    tag = tag_of(account(), besides())
    return unchanged(tag) or answer(_page(**query), tag=tag)


@updates.route(
    "/me/updates/stream",
    door=SIGNED_IN,
    urgency=STATUS,
    query=schemas.StreamQuery,
    pictures=(MEDIA_TYPE,),
)
def stream_updates(query: dict[str, Any]) -> Response:
    """Every step that concerns the caller, oldest first, each as it comes: server-sent events.

    An event's `id` is the update's, its `data` what the list has of it. It goes on after the one that `Last-Event-ID`
    names, or `after`, and else begins with the first of all. A last event `end` says `why` where the service ends it.
    """
    after, me = go_on_after(query["after"]), account()
    return streaming.answer(FEEDS, me, queries.behind(me, after) if after else 0)


def _page(limit: int, cursor: str | None, after: str | None) -> dict[str, Any]:
    given = {"me": account(), "behind": queries.behind(account(), after) if after else 0}
    present, keys = partial(queries.present, language=language()), [FeedEntry.number]
    return page(queries.FEED, keys, present, limit, cursor, parameters=given)


@updates.route(
    "/words/preview", door=staff("admin", "desk_head"), query=schemas.WordsQuery, answer=schemas.CellList, also=(304,)
)
def preview_words(query: dict[str, Any]) -> Response:
    """What submitters of a kind read, and what a text message says, before anything is sent; nothing in it is real."""
    return answer({"items": cells.preview(query["kind"], query.get("move"), query.get("language"))})
