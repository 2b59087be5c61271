"""HTTP: one asks who wrote a micro-supervision, another agrees, and the author sees that it happened."""

from typing import Any

from flask import Response

from participate.kernel.api import Room
from participate.kernel.auth import SIGNED_IN, caller, staff
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.overload import DECISION
from participate.submissions.unmasking import queries, schemas, service
from participate.submissions.unmasking.workflow import ASKERS, CONSENTERS

unmaskings = Room("unmaskings", description="Who wrote a micro-supervision: told only where two people agree")
_OF = "/submissions/<id:submission_id>/unmaskings"
_ONE = f"{_OF}/<id:unmasking_id>"


@unmaskings.route(_OF, door=SIGNED_IN, answer=schemas.UnmaskingAnswer, also=(304,))
def list_unmaskings(submission_id: str) -> Response:
    """The requests about a micro-supervision; its author sees those that were granted."""
    held, found = queries.of(caller(), submission_id)
    return answer({"items": [queries.present(row, held, caller()) for row in found], "next": None})


@unmaskings.route(
    _OF,
    "POST",
    door=SIGNED_IN,
    urgency=DECISION,
    body=schemas.UnmaskingBody,
    answer=schemas.UnmaskingShape,
    status=201,
    also=(409,),
)
def ask_for_author(submission_id: str, body: dict[str, Any]) -> Response:
    """Ask who wrote it, and say why; another person must agree."""
    made = service.ask(caller(), submission_id, body["reason"])
    return _shown(submission_id, made, 201)


@unmaskings.route(
    f"{_ONE}/moves",
    "POST",
    door=staff(*CONSENTERS),
    body=schemas.UnmaskingMoveBody,
    answer=schemas.UnmaskingShape,
    also=(409, 412),
)
def move_unmasking(submission_id: str, unmasking_id: str, body: dict[str, Any]) -> Response:
    """Agree, or do not."""
    service.move(caller(), submission_id, unmasking_id, body["move"], body.get("note"), wanted_version())
    return _shown(submission_id, unmasking_id)


@unmaskings.route(f"{_ONE}/author", door=staff(*ASKERS), answer=schemas.AuthorAnswer, also=(304,))
def show_author(submission_id: str, unmasking_id: str) -> Response:
    """Who wrote it, for who has asked, within a day of its being granted; the audit trail keeps each look."""
    found = service.author(caller(), submission_id, unmasking_id)
    return answer(found, headers={"Cache-Control": "private, no-store"})


def _shown(submission_id: str, unmasking_id: str, status: int = 200) -> Response:
    held, _ = queries.of(caller(), submission_id)
    row = queries.single(submission_id, unmasking_id)
    headers = {"Location": f"/v1/submissions/{submission_id}/unmaskings"} if status == 201 else None
    return answer(queries.present(row, held, caller()), row.version, status, headers)
