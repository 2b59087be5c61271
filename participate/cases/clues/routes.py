"""HTTP: supervisors see what suggests a supervision by itself, take it up, or dismiss it."""

from functools import partial
from typing import Any

from flask import Response

from participate.cases.clues import queries, schemas, service
from participate.kernel.api import Room
from participate.kernel.auth import caller, staff
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.paging import page

clues = Room("clues", description="Broken promises and what was opened again twice: they suggest a supervision")


@clues.route("/clues", door=staff(*queries.READERS), query=schemas.ClueQuery, answer=schemas.ClueList, also=(304,))
def list_clues(query: dict[str, Any]) -> Response:
    """What waits for a supervisor, or was settled; never what is about the caller's own work or unit."""
    given = {"me": caller().account_id, "state": query["state"]}
    present = partial(queries.present, caller=caller())
    found = page(queries.listed(caller().grants), queries.KEYS, present, query["limit"], query["cursor"], False, given)
    return answer(found)


@clues.route("/clues/<id:clue_id>", door=staff(*queries.READERS), answer=schemas.ClueShape, also=(304,))
def show_clue(clue_id: str) -> Response:
    """One of them, with the moves that the caller may make now."""
    return _shown(clue_id)


@clues.route(
    "/clues/<id:clue_id>/moves",
    "POST",
    door=staff("supervisor"),
    body=schemas.ClueMoveBody,
    answer=schemas.ClueShape,
    also=(409, 412),
)
def move_clue(clue_id: str, body: dict[str, Any]) -> Response:
    """Hand in a supervision about it, or say why there is none."""
    service.move(caller(), clue_id, body["move"], body.get("note"), wanted_version())
    return _shown(clue_id)


def _shown(clue_id: str) -> Response:
    row = queries.clue(caller(), clue_id)
    return answer(queries.present(row, caller()), row.version)
