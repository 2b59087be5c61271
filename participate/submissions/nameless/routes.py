"""HTTP: without an account one hands in a micro-supervision, reads what becomes of it and answers, by the receipt."""

from functools import partial
from typing import Any

from flask import Response

from participate.kernel import rates
from participate.kernel.api import Room
from participate.kernel.auth import OPEN
from participate.kernel.conditional import answer
from participate.kernel.overload import STATUS
from participate.kernel.paging import PageQuery, page
from participate.kernel.problems import language
from participate.kernel.workflow import TimelineEntry
from participate.submissions import queries, schemas, views
from participate.submissions.nameless import service
from participate.submissions.nameless.schemas import NamelessAnswer, NamelessBody
from participate.submissions.story import TimelineAnswer

nameless = Room("nameless", description="Micro-supervisions of those who give no account")
_SECRET = {"Cache-Control": "no-store"}


@nameless.route("/supervisions", "POST", door=OPEN, body=NamelessBody, answer=NamelessAnswer, status=201, once=False)
def submit_nameless(body: dict[str, Any]) -> Response:
    """Hand in a micro-supervision without an account. Nothing of whoever does so is kept, nor the receipt itself."""
    rates.spend(rates.NAMELESS_BY_ADDRESS, rates.address())
    row, receipt = service.submit(body, language())
    shown = {"receipt": receipt, "reference": row.reference, "state": row.state}
    return answer(shown, status=201, headers=_SECRET)


@nameless.route(
    "/receipts/<receipt>/updates",
    door=OPEN,
    urgency=STATUS,
    query=PageQuery,
    answer=TimelineAnswer,
    also=(304, 404),
)
def list_updates_by_receipt(receipt: str, query: dict[str, Any]) -> Response:
    """What became of what was handed in without an account, as its author reads it, oldest first."""
    row = service.held(receipt)
    step = partial(views.step, language=language(), reference=row.reference, kind=row.kind)
    statement, thread = queries.timeline("author"), {"thread": row.id}
    return answer(page(statement, [TimelineEntry.id], step, query["limit"], query["cursor"], parameters=thread))


@nameless.route(
    "/receipts/<receipt>/moves",
    "POST",
    door=OPEN,
    body=schemas.MoveBody,
    answer=schemas.ReceiptAnswer,
    once=False,
    also=(403, 404, 409),
)
def move_by_receipt(receipt: str, body: dict[str, Any]) -> Response:
    """Answer a question (`resubmit`), withdraw, appeal, rate or reopen what was handed in without an account."""
    service.move(receipt, body.pop("move"), body)
    return answer(views.receipt(receipt, language()), headers=_SECRET)
