"""HTTP: supervisors tell a unit what must be put right, it plans and reports, another looks, all read the result."""

from functools import partial
from typing import Any

from flask import Response

from participate.cases.rectifications import queries, schemas, service
from participate.kernel.api import Room
from participate.kernel.auth import OPTIONAL, caller, staff
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.overload import LIST
from participate.kernel.paging import page

rectifications = Room("rectifications", description="What a unit that is watched must put right, and whether it has")
_ONE = "/rectifications/<id:rectification_id>"


@rectifications.route(
    "/rectifications",
    door=OPTIONAL,
    urgency=LIST,
    query=schemas.RectificationQuery,
    answer=schemas.RectificationList,
    also=(304,),
)
def list_rectifications(query: dict[str, Any]) -> Response:
    """What came of them, the latest first; or what is open for the caller's units or under their eyes, oldest first."""
    view, me = query["view"], caller()
    published = view == "published"
    keys, given = queries.PUBLISHED_KEYS if published else queries.KEYS, {"me": me.account_id}
    present = partial(queries.present, caller=me)
    statement = queries.listed(me.grants, view)
    return answer(page(statement, keys, present, query["limit"], query["cursor"], published, given))


@rectifications.route(_ONE, door=OPTIONAL, answer=schemas.RectificationShape, also=(304,))
def show_rectification(rectification_id: str) -> Response:
    """One of them, with the moves that the caller may make now."""
    row = queries.rectification(caller(), rectification_id)
    return answer(queries.present(row, caller()), row.version)


@rectifications.route(
    "/cases/<id:case_id>/rectifications",
    "POST",
    door=staff("supervisor"),
    body=schemas.RectificationBody,
    answer=schemas.RectificationShape,
    status=201,
    also=(409,),
)
def issue_opinion(case_id: str, body: dict[str, Any]) -> Response:
    """Tell the unit that a supervision is about what must be put right; it learns of nothing else."""
    made = service.issue(caller(), case_id, body)
    row = queries.rectification(caller(), made)
    headers = {"Location": f"/v1/rectifications/{row.id}"}
    return answer(queries.present(row, caller()), row.version, 201, headers)


@rectifications.route(
    f"{_ONE}/moves",
    "POST",
    door=staff("handler", "supervisor"),
    body=schemas.RectificationMoveBody,
    answer=schemas.RectificationShape,
    also=(409, 412),
)
def move_rectification(rectification_id: str, body: dict[str, Any]) -> Response:
    """Make a move: the unit's `plan` and `report`; `confirm`, `send_back` and `find_unmet` of another supervisor."""
    service.move(caller(), rectification_id, body.pop("move"), body, wanted_version())
    row = queries.rectification(caller(), rectification_id, every=True)
    return answer(queries.present(row, caller()), row.version)
