"""HTTP: officers file for others, follow that, and call those who cannot read."""

from functools import partial
from typing import Any

from flask import Response

from participate.kernel.api import Room
from participate.kernel.auth import SIGNED_IN, account, caller, staff
from participate.kernel.clock import now
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.overload import STATUS
from participate.kernel.paging import PageQuery, page
from participate.kernel.problems import language
from participate.photos import queries as photos
from participate.submissions.queries import HELPERS
from participate.submissions.schemas import SubmissionShape
from participate.submissions.views import shown
from participate.updates.assisted import queries, schemas, service

assisted = Room("assisted", description="Filed by officers for those who cannot do it themselves")
DOOR = staff(*HELPERS)
_PRIVATE = {"Cache-Control": "private, no-store"}


@assisted.route(
    "/submissions/assisted",
    "POST",
    door=DOOR,
    body=schemas.AssistedBody,
    answer=SubmissionShape,
    status=201,
    also=(403, 409),
)
def file_assisted(body: dict[str, Any]) -> Response:
    """File for somebody who has agreed to it: it is theirs, and found by whoever signs in with their phone."""
    row = service.file(caller(), body)
    made = shown(row, photos.of_subject(row.id), caller(), language(), is_own=False, in_full=True)
    return answer(made, row.version, 201, {"Location": f"/v1/submissions/{row.id}"})


@assisted.route(
    "/submissions/assisted", door=DOOR, urgency=STATUS, query=PageQuery, answer=schemas.AssistedList, also=(304,)
)
def list_assisted(query: dict[str, Any]) -> Response:
    """What the caller has filed for others, the latest first."""
    statement, mine = queries.filed(caller().grants), {"me": account()}
    present = queries.present_filed
    return answer(page(statement, queries.FILED_KEYS, present, query["limit"], query["cursor"], True, mine))


@assisted.route("/submissions/<id:submission_id>/assisted", door=SIGNED_IN, answer=schemas.AssistedShape, also=(304,))
def show_assisted(submission_id: str) -> Response:
    """For whom it was filed, and what they have agreed to; each opening by another is written down."""
    return answer(service.open_consent(caller(), submission_id), headers=_PRIVATE)


@assisted.route("/calls", door=DOOR, urgency=STATUS, query=schemas.CallsQuery, answer=schemas.CallList, also=(304,))
def list_calls(query: dict[str, Any]) -> Response:
    """Who is still to be called, what is due first; nobody is named."""
    statement, mine = queries.calls(caller().grants, query["view"]), {"me": account(), "now": now()}
    present = partial(page, statement, queries.CALL_KEYS, queries.present)
    return answer(present(query["limit"], query["cursor"], parameters=mine))


@assisted.route("/calls/<id:call_id>", door=DOOR, urgency=STATUS, answer=schemas.CallShape, also=(304,))
def show_call(call_id: str) -> Response:
    """Whom to call and the words to say; each opening is written down."""
    row = service.open_call(caller(), call_id)
    return answer(queries.detail(row, language()), row.version, headers=_PRIVATE)


@assisted.route(
    "/calls/<id:call_id>/result",
    "POST",
    door=DOOR,
    body=schemas.ResultBody,
    answer=schemas.CallShape,
    also=(409, 412),
)
def settle_call(call_id: str, body: dict[str, Any]) -> Response:
    """They were reached and have heard what the version in If-Match says, or were not: then the call stays."""
    service.settle(caller(), call_id, body["reached"], wanted_version())
    row = queries.call(caller(), call_id)
    return answer(queries.detail(row, language()), row.version, headers=_PRIVATE)
