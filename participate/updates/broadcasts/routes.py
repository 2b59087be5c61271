"""HTTP: dispatchers and supervisors have something to say to an area."""

from functools import partial
from typing import Any

from flask import Response

from participate.kernel.api import Room
from participate.kernel.auth import caller, staff
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.paging import PageQuery, page
from participate.updates.broadcasts import queries, schemas, service
from participate.updates.broadcasts.workflow import ROLES

broadcasts = Room("broadcasts", description="Notices to an area")
READERS, WRITERS = staff(*queries.READERS), staff(*ROLES)


@broadcasts.route(
    "/broadcasts/rehearsal", "POST", door=WRITERS, body=schemas.AreaBody, answer=schemas.PeopleShape, once=False
)
def rehearse_broadcast(body: dict[str, Any]) -> Response:
    """How many people a notice to an area would reach; nothing is sent."""
    return answer(service.rehearse(caller(), body["area"]))


@broadcasts.route(
    "/broadcasts",
    "POST",
    door=WRITERS,
    body=schemas.BroadcastBody,
    answer=schemas.BroadcastShape,
    status=201,
    also=(409,),
)
def announce(body: dict[str, Any]) -> Response:
    """Say something to whoever follows a cell in the area; where it goes to many, once somebody else consents."""
    made = service.announce(caller(), body)
    return _answer(made, 201, {"Location": f"/v1/broadcasts/{made}"})


@broadcasts.route("/broadcasts", door=READERS, query=PageQuery, answer=schemas.BroadcastList, also=(304,))
def list_broadcasts(query: dict[str, Any]) -> Response:
    """Notices to the caller's areas, the latest first."""
    present = partial(queries.present, caller=caller())
    return answer(
        page(queries.listed(caller()), queries.KEYS, present, query["limit"], query["cursor"], descending=True)
    )


@broadcasts.route("/broadcasts/<id:broadcast_id>", door=READERS, answer=schemas.BroadcastShape, also=(304,))
def show_broadcast(broadcast_id: str) -> Response:
    """A notice, and how far it has come."""
    return _answer(broadcast_id)


@broadcasts.route(
    "/broadcasts/<id:broadcast_id>/moves",
    "POST",
    door=WRITERS,
    body=schemas.BroadcastMoveBody,
    answer=schemas.BroadcastShape,
    also=(409, 412),
)
def move_broadcast(broadcast_id: str, body: dict[str, Any]) -> Response:
    """Consent to it, refuse it, or stop it."""
    service.move(caller(), broadcast_id, body["move"], body.get("note"), wanted_version())
    return _answer(broadcast_id)


def _answer(broadcast_id: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    row = queries.broadcast(caller(), broadcast_id)
    return answer(queries.present(row, caller()), row.version, status, headers)
