"""HTTP: officers keep the log; who dispatches or supervises where they go reads it."""

from typing import Any

from flask import Response

from participate.kernel.api import Room
from participate.kernel.auth import caller, staff
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.paging import page
from participate.visits import queries, schemas, service

visits = Room("visits", description="The officers' daily log of visits")
READERS = staff(queries.OFFICER, *queries.WATCHERS)
WRITERS = staff(queries.OFFICER)


@visits.route("/visits", "POST", door=WRITERS, body=schemas.VisitBody, answer=schemas.VisitDetail, status=201)
def log_visit(body: dict[str, Any]) -> Response:
    """Write down a visit of the last seven days. What holds personal data is refused, and the answer says where."""
    made = service.log(caller(), body)
    return _answer(made, 201, {"Location": f"/v1/visits/{made}"})


@visits.route("/visits", door=READERS, query=schemas.VisitQuery, answer=schemas.VisitList, also=(304,))
def list_visits(query: dict[str, Any]) -> Response:
    """The latest visits first: the officer's own, or those of the area that the caller watches over."""
    statement = queries.listed(caller(), query)
    return answer(page(statement, queries.KEYS, queries.present, query["limit"], query["cursor"], descending=True))


@visits.route("/visits/<id:visit_id>", door=READERS, answer=schemas.VisitDetail, also=(304,))
def show_visit(visit_id: str) -> Response:
    """An entry, with what it said before it was corrected."""
    return _answer(visit_id)


@visits.route(
    "/visits/<id:visit_id>",
    "PATCH",
    door=WRITERS,
    body=schemas.CorrectionBody,
    answer=schemas.VisitDetail,
    also=(409, 412),
)
def correct_visit(visit_id: str, body: dict[str, Any]) -> Response:
    """Correct one's own entry, on the day on which it came in."""
    service.correct(caller(), visit_id, body, wanted_version())
    return _answer(visit_id)


def _answer(visit_id: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    row = queries.visit(caller(), visit_id)
    return answer(queries.detail(row), row.version, status, headers)
