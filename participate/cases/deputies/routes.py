"""HTTP: whoever goes away names a deputy; who watches over them does it where they cannot."""

from typing import Any

from flask import Response

from participate.cases.deputies import queries, schemas, service
from participate.kernel.api import Room, empty
from participate.kernel.auth import account, caller, staff
from participate.kernel.clock import now
from participate.kernel.conditional import answer
from participate.kernel.paging import PageQuery, page

absences = Room("absences", description="Who is away, and who stands in for them")
DESK, WATCHERS = staff(*queries.DESKS), staff(*queries.WATCHERS)


@absences.route("/me/absence", door=DESK, answer=schemas.OwnAbsenceAnswer, also=(304,))
def show_absence() -> Response:
    """The caller's own absence, and whom they stand in for."""
    own = queries.own(account())
    stood_for = [queries.present_stood_for(row) for row in queries.stood_for(account())]
    return answer({"absence": queries.present(own) if own else None, "stands_for": stood_for})


@absences.route("/me/absence", "PUT", door=DESK, body=schemas.AbsenceBody, answer=schemas.AbsenceShape, also=(409,))
def leave(body: dict[str, Any]) -> Response:
    """Go away for a time, and name a deputy: of the same role, and a scope that covers the caller's."""
    return answer(queries.present(service.leave(caller(), body)))


@absences.route("/me/absence", "DELETE", door=DESK, status=204, also=(404,))
def come_back() -> Response:
    """Be back, from now on."""
    service.come_back(caller())
    return empty()


@absences.route("/absences", door=WATCHERS, query=PageQuery, answer=schemas.AbsenceList, also=(304,))
def list_absences(query: dict[str, Any]) -> Response:
    """Who is away or is going to be, of those over whom the caller watches; by what they answer for."""
    statement, moment = queries.listed(caller()), {"now": now()}
    found = page(statement, queries.KEYS, queries.present, query["limit"], query["cursor"], parameters=moment)
    return answer(found)


@absences.route("/absences", "POST", door=WATCHERS, body=schemas.AbsenceOfBody, answer=schemas.AbsenceShape, status=201)
def put_down_absence(body: dict[str, Any]) -> Response:
    """Put somebody down as away who cannot do it themselves, with their deputy."""
    return answer(queries.present(service.put_down(caller(), body)), status=201)


@absences.route("/absences/<id:absence_id>", "DELETE", door=WATCHERS, status=204, also=(404,))
def end_absence(absence_id: str) -> Response:
    """Say that somebody is back, from now on."""
    service.end(caller(), absence_id)
    return empty()
