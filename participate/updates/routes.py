"""HTTP: the caller's updates."""

from functools import partial
from typing import Any

from flask import Response

from participate.kernel.api import Room
from participate.kernel.auth import SIGNED_IN, account
from participate.kernel.conditional import answer
from participate.kernel.overload import STATUS
from participate.kernel.paging import page
from participate.kernel.problems import language
from participate.updates import queries, schemas
from participate.updates.models import FeedEntry

updates = Room("updates", description="What the caller hears of their submissions")


@updates.route(
    "/me/updates",
    door=SIGNED_IN,
    urgency=STATUS,
    query=schemas.FeedQuery,
    answer=schemas.UpdateList,
    also=(304,),
)
def list_updates(query: dict[str, Any]) -> Response:
    """Every step that concerns the caller, oldest first; `after` is the id of the last one already read."""
    after, me = query["after"], account()
    given = {"me": me, "behind": queries.behind(me, after) if after else 0}
    present, keys = partial(queries.present, language=language()), [FeedEntry.number]
    return answer(page(queries.FEED, keys, present, query["limit"], query["cursor"], parameters=given))
