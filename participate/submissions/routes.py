"""HTTP: residents hand in, follow and answer; everyone reads what is public."""

from functools import partial
from typing import Any

from flask import Response, request

from participate.kernel.api import Room, empty
from participate.kernel.auth import OPEN, OPTIONAL, SIGNED_IN, account, caller
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.db import transaction
from participate.kernel.overload import LIST, STATUS
from participate.kernel.paging import PageQuery, page
from participate.kernel.parts import MULTIPART
from participate.kernel.problems import language
from participate.kernel.workflow import TimelineEntry
from participate.photos import queries as photo_queries
from participate.photos import service as photos
from participate.photos.routes import arrived
from participate.submissions import joining, nearby, nearby_schemas, queries, schemas, service, views
from participate.submissions.models import Submission
from participate.submissions.story import TimelineAnswer

submissions = Room("submissions", description="Six kinds of submission, from hand-in to feedback")

UPLOAD = {
    "type": "object",
    "required": ["submission"],
    "properties": {
        "submission": {"type": "string", "description": "the JSON body", "contentMediaType": "application/json"},
        "photos": {"type": "array", "items": {"type": "string", "format": "binary"}},
    },
}


@submissions.route(
    "/submissions",
    "POST",
    door=SIGNED_IN,
    body=schemas.SubmitBody,
    answer=schemas.SubmissionShape,
    status=201,
    upload=UPLOAD,
)
def submit(body: dict[str, Any]) -> Response:
    """Hand in a submission, as JSON or as multipart with photos."""
    files = request.files.getlist("photos") if request.mimetype == MULTIPART else []
    kept = photos.keep_all(arrived(files), account())
    row = service.submit(account(), body.pop("kind"), body, kept)
    pictures = photo_queries.of_subject(row.id) if kept or body.get("photo_ids") else []
    shown = views.shown(row, pictures, caller(), language(), is_own=True, in_full=True)
    return answer(shown, row.version, 201, {"Location": f"/v1/submissions/{row.id}"})


@submissions.route("/submissions", door=OPTIONAL, query=schemas.ListQuery, answer=schemas.SubmissionList, also=(304,))
def list_submissions(query: dict[str, Any]) -> Response:
    """What is public, newest first; with `updated_after`, what was changed last first."""
    if "bbox" in query:
        query["bbox"] = [float(part) for part in query["bbox"].split(",")]
    statement, keys = queries.public_list(query)
    found = page(statement, keys, views.in_list, query["limit"], query["cursor"], descending=True)
    return answer(found)


@submissions.route(
    "/submissions/nearby",
    door=OPTIONAL,
    urgency=LIST,
    query=nearby_schemas.NearbyQuery,
    answer=nearby_schemas.NearbyAnswer,
    also=(304, 404),
)
def list_nearby(query: dict[str, Any]) -> Response:
    """What is open near a place, or was closed lately, nearest first: for who is still typing the same."""
    found = nearby.near(caller(), query)
    return answer({"items": [nearby.present(each) for each in found], "next": None})


@submissions.route("/submissions/<id:submission_id>", door=OPTIONAL, answer=schemas.SubmissionShape, also=(304,))
def show_submission(submission_id: str) -> Response:
    """A submission: its public view, or more for its author and those who handle it."""
    shown = views.single(submission_id, caller(), language())
    return answer(shown, shown["version"])


@submissions.route(
    "/submissions/<id:submission_id>/timeline",
    door=OPTIONAL,
    urgency=STATUS,
    query=PageQuery,
    answer=TimelineAnswer,
    also=(304,),
)
def show_timeline(submission_id: str, query: dict[str, Any]) -> Response:
    """What happened, oldest first."""
    row = queries.seen(caller(), submission_id)
    statement, thread = queries.timeline(queries.audience(row)), {"thread": submission_id}
    step = partial(views.step, language=language(), reference=row.reference, kind=row.kind)
    return answer(page(statement, [TimelineEntry.id], step, query["limit"], query["cursor"], parameters=thread))


@submissions.route(
    "/submissions/<id:submission_id>/related",
    door=OPTIONAL,
    urgency=LIST,
    answer=nearby_schemas.NearbyAnswer,
    also=(304,),
)
def list_related(submission_id: str) -> Response:
    """What all may see near a submission and alike in more than its place, the most alike first; ten at most."""
    found = nearby.related(caller(), submission_id)
    return answer({"items": [nearby.present(each) for each in found], "next": None})


@submissions.route(
    "/submissions/<id:submission_id>/moves",
    "POST",
    door=SIGNED_IN,
    body=schemas.MoveBody,
    answer=schemas.SubmissionShape,
    also=(403, 409, 412),
)
def move_submission(submission_id: str, body: dict[str, Any]) -> Response:
    """Withdraw, resubmit, appeal, rate or reopen."""
    service.move(caller(), submission_id, body.pop("move"), body, wanted_version())
    shown = views.single(submission_id, caller(), language())
    return answer(shown, shown["version"])


@submissions.route(
    "/me/submissions",
    door=SIGNED_IN,
    urgency=STATUS,
    query=PageQuery,
    answer=schemas.SubmissionList,
    also=(304,),
)
def list_own_submissions(query: dict[str, Any]) -> Response:
    """The caller's own, newest first."""
    mine = {"me": account()}
    present = partial(views.in_list, in_full=True)
    found = page(queries.OWN_LIST, [Submission.id], present, query["limit"], query["cursor"], True, mine)
    return answer(found)


@submissions.route(
    "/submissions/<id:submission_id>/join",
    "POST",
    door=SIGNED_IN,
    answer=schemas.SubmissionShape,
    also=(409,),
)
def join_submission(submission_id: str) -> Response:
    """Say "me too": the caller counts as affected, hears of every public step, and may rate the outcome."""
    with transaction():  # Who has joined is told so, also where it is taken back right after.
        joining.join(caller(), submission_id)
        shown = views.single(submission_id, caller(), language())
    return answer(shown, shown["version"])


@submissions.route("/submissions/<id:submission_id>/join", "DELETE", door=SIGNED_IN, status=204)
def leave_submission(submission_id: str) -> Response:
    """Say it no more."""
    joining.leave(caller(), submission_id)
    return empty()


@submissions.route(
    "/me/joined", door=SIGNED_IN, urgency=STATUS, query=PageQuery, answer=schemas.SubmissionList, also=(304,)
)
def list_joined_submissions(query: dict[str, Any]) -> Response:
    """What the caller has joined, the newest submission first."""
    mine = {"me": account()}
    found = page(joining.JOINED_LIST, joining.JOINED_KEYS, views.in_list, query["limit"], query["cursor"], True, mine)
    return answer(found)


@submissions.route(
    "/receipts/<receipt>/rating",
    "POST",
    door=OPEN,
    urgency=STATUS,
    body=schemas.ReceiptRatingBody,
    answer=schemas.ReceiptAnswer,
    also=(409,),
)
def rate_by_receipt(receipt: str, body: dict[str, Any]) -> Response:
    """Say whether it is resolved, and how satisfied one is, without signing in: the receipt says who it is."""
    service.rate_by_receipt(receipt, body)
    return answer(views.receipt(receipt, language()))


@submissions.route("/receipts/<receipt>", door=OPEN, urgency=STATUS, answer=schemas.ReceiptAnswer, also=(304,))
def show_receipt(receipt: str) -> Response:
    """State and public replies, for whoever holds the receipt."""
    return answer(views.receipt(receipt, language()))
