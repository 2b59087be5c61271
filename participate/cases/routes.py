"""HTTP: officers, dispatchers, units and supervisors."""

from functools import partial
from typing import Any

from flask import Response

from participate.cases import queries, schemas, service
from participate.kernel.api import Room
from participate.kernel.auth import account, caller, staff
from participate.kernel.clock import now
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.db import AnyRow
from participate.kernel.paging import PageQuery, page
from participate.kernel.problems import language
from participate.kernel.workflow import TimelineEntry
from participate.submissions import views
from participate.submissions.queries import brief
from participate.submissions.schemas import TimelineAnswer

cases = Room("cases", description="The handling of what was accepted")
DESK = staff(*queries.ROLES)


@cases.route("/cases", door=DESK, query=schemas.ViewQuery, answer=schemas.CaseList, also=(304,))
def list_cases(query: dict[str, Any]) -> Response:
    """Open cases, the most pressing first."""
    statement = queries.listed(caller().grants, query["view"])
    present, given = partial(queries.present, caller=caller()), {"me": account(), "now": now()}
    return answer(page(statement, queries.KEYS, present, query["limit"], query["cursor"], parameters=given))


@cases.route("/cases/<id:case_id>", door=DESK, answer=schemas.CaseShape, also=(304,))
def show_case(case_id: str) -> Response:
    """A case, with the moves that the caller may make now."""
    return _answer(queries.case(caller(), case_id))


@cases.route(
    "/cases/<id:case_id>/moves", "POST", door=DESK, body=schemas.CaseMoveBody, answer=schemas.CaseShape, also=(409, 412)
)
def move_case(case_id: str, body: dict[str, Any]) -> Response:
    """Make a move."""
    service.move(caller(), case_id, body.pop("move"), body, wanted_version())
    return _answer(queries.row_of(case_id))


@cases.route("/cases/<id:case_id>/timeline", door=DESK, query=PageQuery, answer=TimelineAnswer, also=(304,))
def show_case_timeline(case_id: str, query: dict[str, Any]) -> Response:
    """Everything that happened to the case and its submission, oldest first."""
    submission = brief(queries.case(caller(), case_id).submission_id)
    step = partial(views.step, language=language(), reference=submission.reference)
    thread, keys = {"thread": submission.id}, [TimelineEntry.id]
    return answer(page(queries.TIMELINE, keys, step, query["limit"], query["cursor"], parameters=thread))


def _answer(row: AnyRow) -> Response:
    return answer(queries.present(row, caller()), row.version)
