"""HTTP: those who watch over an area, a unit or a person read what became of their cases; a unit's ledger, everyone."""

from typing import Any

from flask import Response

from participate.cases.figures import ledger, ledger_schemas, queries, schemas
from participate.kernel.api import Room
from participate.kernel.auth import OPEN, caller, staff
from participate.kernel.conditional import answer
from participate.kernel.overload import EXPORT
from participate.kernel.problems import language

figures = Room("figures", description="What became of cases, in numbers")
DOOR = staff(*queries.READERS, "grid_officer", "handler")


@figures.route(
    "/figures", door=DOOR, urgency=EXPORT, query=schemas.FiguresQuery, answer=schemas.CaseFiguresShape, also=(304, 404)
)
def show_case_figures(query: dict[str, Any]) -> Response:
    """Filed, due, closed and on time, what went wrong, how long it took, and what the submitters said."""
    of = {name: query[name] for name in schemas.OF if name in query}
    return answer(queries.figures(caller(), of, query["since"], query["until"], query.get("kind")))


@figures.route(
    "/units/<id:unit_id>/ledger",
    door=OPEN,
    query=ledger_schemas.UnitLedgerQuery,
    answer=ledger_schemas.UnitLedger,
    also=(304, 404),
)
def show_unit_ledger(query: dict[str, Any], unit_id: str) -> Response:
    """What a unit has done: answers by class, those in time, promises kept and broken, what independent raters say."""
    return answer(ledger.of_unit(unit_id, ledger_schemas.months(query), language()))
