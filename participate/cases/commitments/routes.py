"""HTTP: everyone sees what was promised; who answers for it says how it stands."""

from functools import partial
from typing import Any

from flask import Response

from participate.cases import stead
from participate.cases.commitments import queries, schemas, service
from participate.cases.queries import ROLES
from participate.kernel.api import Room
from participate.kernel.auth import OPTIONAL, caller, staff
from participate.kernel.clock import now
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.paging import page

commitments = Room("commitments", description="What final replies promise, and whether it was kept")


@commitments.route(
    "/commitments", door=OPTIONAL, query=schemas.CommitmentQuery, answer=schemas.CommitmentList, also=(304,)
)
def list_commitments(query: dict[str, Any]) -> Response:
    """What is still to be kept, the most pressing first; or what is `ended`."""
    statement, given = queries.listed(caller(), query), stead.asking(caller()) | {"now": now()}
    present = partial(queries.present, caller=caller())
    return answer(page(statement, queries.KEYS, present, query["limit"], query["cursor"], parameters=given))


@commitments.route("/commitments/<id:commitment_id>", door=OPTIONAL, answer=schemas.CommitmentShape, also=(304,))
def show_commitment(commitment_id: str) -> Response:
    """A commitment, with the moves that the caller may make now."""
    row = queries.commitment(caller(), commitment_id)
    return answer(queries.present(row, caller()), row.version)


@commitments.route(
    "/commitments/<id:commitment_id>/moves",
    "POST",
    door=staff(*ROLES),
    body=schemas.CommitmentMoveBody,
    answer=schemas.CommitmentShape,
    also=(409, 412),
)
def move_commitment(commitment_id: str, body: dict[str, Any]) -> Response:
    """Make a move."""
    service.move(caller(), commitment_id, body.pop("move"), body, wanted_version())
    row = queries.row_of(commitment_id)
    return answer(queries.present(row, caller()), row.version)
