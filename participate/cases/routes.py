"""HTTP: officers, dispatchers, units and supervisors."""

from functools import partial
from hashlib import sha256
from typing import Any

import orjson
from flask import Response

from participate.cases import holdings, judges, queries, rounds, schemas, service, stead, telling
from participate.cases.cohandlers import service as cohandlers
from participate.cases.cohandlers.queries import shown
from participate.cases.cohandlers.schemas import CoHandlerMoveBody
from participate.cases.parts import queries as parts
from participate.cases.steps import photo_required
from participate.catalogue import queries as catalogue
from participate.kernel.api import Room
from participate.kernel.auth import caller, staff
from participate.kernel.clock import now
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.db import AnyRow
from participate.kernel.errors import DomainError, Unavailable
from participate.kernel.events import MEDIA_TYPE
from participate.kernel.idempotency import once
from participate.kernel.overload import STATUS
from participate.kernel.paging import PageQuery, page
from participate.kernel.problems import document, language
from participate.kernel.shapes import loaded
from participate.kernel.workflow import TimelineEntry
from participate.submissions import views
from participate.submissions.queries import brief
from participate.submissions.silence import since
from participate.submissions.story import TimelineAnswer

cases = Room("cases", description="The handling of what was accepted")
DESK = staff(*queries.ROLES)
_SYNC_MOVE = schemas.SyncMoveBody()


@cases.route("/cases", door=DESK, query=schemas.ViewQuery, answer=schemas.CaseList, also=(304,))
def list_cases(query: dict[str, Any]) -> Response:
    """Open cases, the most pressing first; those left in silence by how long nobody has said a word."""
    stands = bool(caller().stands_for)
    statement, keys = queries.listed(caller().grants, query["view"], "cell" in query, stands)
    present = partial(queries.present, caller=caller(), language=language())
    given = {"since": since()} if query["view"] == "silent" else {"now": now()}
    given |= stead.asking(caller()) | ({"cell": query["cell"]} if "cell" in query else {})
    return answer(page(statement, keys, present, query["limit"], query["cursor"], parameters=given))


@cases.route("/cases/stream", door=DESK, urgency=STATUS, pictures=(MEDIA_TYPE,))
def stream_cases() -> Response:
    """What becomes of the cases in the caller's scope, as it happens: server-sent events, from now on.

    `data` has the case's `id`, its `version`, `state` and `what` happened. With `Last-Event-ID` it goes on from there;
    where that was too long ago it begins with the event `reset`: read the lists anew.
    """
    return telling.QUEUE.answer(DESK.roles)


@cases.route("/cases/route", door=DESK, query=schemas.RouteQuery, answer=schemas.RouteAnswer, also=(304,))
def show_route(query: dict[str, Any]) -> Response:
    """The caller's most pressing cases from where they stand, late ones first: nearest first, or as a short way."""
    found = rounds.stops(caller(), query)
    items = [
        {
            "case": queries.present(stop.case, caller(), language()),
            "place": {"crs": "wgs84", "lat": stop.place.lat, "lon": stop.place.lon} if stop.place else None,
            "distance_m": None if stop.away is None else round(stop.away),
        }
        for stop in found
    ]
    return answer({"items": items})


@cases.route("/cases/<id:case_id>", door=DESK, answer=schemas.CaseDetail, also=(304,))
def show_case(case_id: str) -> Response:
    """A case, with the moves that the caller may make now, and who had it for how long."""
    row = queries.case(caller(), case_id)
    return _detail(row)


@cases.route(
    "/cases/<id:case_id>/cohandlers/<id:cohandler_id>/moves",
    "POST",
    door=DESK,
    body=CoHandlerMoveBody,
    answer=schemas.CaseDetail,
    also=(409, 412),
)
def move_cohandler(case_id: str, cohandler_id: str, body: dict[str, Any]) -> Response:
    """Say what a co-handler says to the draft of the reply, or release one; `If-Match` names the case's version."""
    cohandlers.move(caller(), case_id, cohandler_id, body["move"], body.get("note"), wanted_version())
    return _detail(queries.row_of(case_id))


@cases.route(
    "/cases/<id:case_id>/moves", "POST", door=DESK, body=schemas.CaseMoveBody, answer=schemas.CaseShape, also=(409, 412)
)
def move_case(case_id: str, body: dict[str, Any]) -> Response:
    """Make a move."""
    service.move(caller(), case_id, body.pop("move"), body, wanted_version())
    return _answer(queries.row_of(case_id))


@cases.route("/cases/sync", "POST", door=DESK, body=schemas.SyncBody, answer=schemas.SyncAnswer, once=False)
def sync_moves(body: dict[str, Any]) -> Response:
    """Make up to 50 moves that were made offline, in their order, each by itself and once under its own `key`."""
    return answer({"items": [_synced(item) for item in body["moves"]]})


def _synced(item: Any) -> dict[str, Any]:
    """Make one of the moves, and land it, whatever becomes of the others."""
    key = item.get("key") if isinstance(item, dict) and isinstance(item.get("key"), str) else None
    try:
        fields = loaded(_SYNC_MOVE, item)
        fingerprint = sha256(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)).hexdigest()
        made = once(fields.pop("key"), fingerprint, partial(_moved, fields))
    except Unavailable:
        raise  # What all need is away: the others need not wait for it too, and what was made has its answer kept.
    except DomainError as error:
        problem = orjson.loads(document(error.status, error.code, language(), error.faults))
        return {"key": key, "status": error.status, "case": None, "problem": problem}
    return {"key": key, "status": made.status_code, "case": orjson.loads(made.get_data()), "problem": None}


def _moved(fields: dict[str, Any]) -> Response:
    case_id = fields.pop("case_id")
    service.move(caller(), case_id, fields.pop("move"), fields, fields.pop("version", None))
    return _answer(queries.row_of(case_id))


@cases.route("/cases/<id:case_id>/timeline", door=DESK, query=PageQuery, answer=TimelineAnswer, also=(304,))
def show_case_timeline(case_id: str, query: dict[str, Any]) -> Response:
    """Everything that happened to the case and its submission, oldest first."""
    submission = brief(queries.case(caller(), case_id).submission_id)
    step = partial(views.step, language=language(), reference=submission.reference, kind=submission.kind)
    thread, keys = {"thread": submission.id}, [TimelineEntry.id]
    return answer(page(queries.TIMELINE, keys, step, query["limit"], query["cursor"], parameters=thread))


def _detail(row: AnyRow) -> Response:
    more = {"holders": holdings.of_case(row.id), "routed": row.routed, "draft": row.draft}
    more["closing"] = catalogue.closing(row.category, row.condition, language())
    more |= {"photo_required": photo_required(row), "supervising_unit": row.supervising_unit}
    more |= {"cohandlers": shown(caller(), row), "parts": parts.shown(row)}
    return answer(_shown(row) | more, row.version)


def _answer(row: AnyRow) -> Response:
    return answer(_shown(row), row.version)


def _shown(row: AnyRow) -> dict[str, Any]:
    """The case by itself, for whom more can be asked than for each of a list: whether the caller may judge it."""
    found = queries.present(row, caller(), language())
    return found | {"moves": judges.open_to(row, caller(), found["moves"])}
