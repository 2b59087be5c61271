"""HTTP: those who watch over an area, a unit or a person read what became of their cases."""

from typing import Any

from flask import Response

from participate.cases.figures import queries, schemas
from participate.kernel.api import Room
from participate.kernel.auth import caller, staff
from participate.kernel.conditional import answer
from participate.kernel.overload import EXPORT

figures = Room("figures", description="What became of cases, in numbers")
DOOR = staff(*queries.READERS, "grid_officer", "handler")


@figures.route(
    "/figures", door=DOOR, urgency=EXPORT, query=schemas.FiguresQuery, answer=schemas.CaseFiguresShape, also=(304, 404)
)
def show_case_figures(query: dict[str, Any]) -> Response:
    """Filed, due, closed and on time, what went wrong, how long it took, and what the submitters said."""
    of = {name: query[name] for name in schemas.OF if name in query}
    return answer(queries.figures(caller(), of, query["since"], query["until"], query.get("kind")))
