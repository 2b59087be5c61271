"""HTTP: what the caller follows."""

from typing import Any

from flask import Response

from participate.kernel.api import Room
from participate.kernel.auth import SIGNED_IN, account, caller
from participate.kernel.conditional import answer
from participate.kernel.overload import STATUS
from participate.kernel.paging import PageQuery, page
from participate.updates.following import queries, schemas, service

following = Room("following", description="What the caller follows: a submission, a category in an area, a cell")


@following.route("/me/follows", door=SIGNED_IN, urgency=STATUS, query=PageQuery, answer=schemas.FollowList, also=(304,))
def list_follows(query: dict[str, Any]) -> Response:
    """What the caller follows, oldest first."""
    given = {"me": account()}
    return answer(
        page(queries.LISTED, queries.KEYS, queries.present, query["limit"], query["cursor"], parameters=given)
    )


@following.route(
    "/me/follows", "POST", door=SIGNED_IN, body=schemas.FollowBody, answer=schemas.FollowShape, status=201, also=(409,)
)
def follow_something(body: dict[str, Any]) -> Response:
    """Hear of every public step of a submission; of what comes and ends of a category; or of what ends in a cell."""
    made = service.follow(caller(), body)
    return answer(queries.follow_of(account(), made), status=201, headers={"Location": f"/v1/me/follows/{made}"})


@following.route("/me/follows/<id:follow_id>", "DELETE", door=SIGNED_IN, status=204)
def unfollow(follow_id: str) -> Response:
    """Hear of it no more."""
    service.unfollow(caller(), follow_id)
    return Response(status=204)
