"""HTTP: photos at the desk, and what is covered in them."""

from functools import partial
from typing import Any

from flask import Response

from participate.kernel.auth import account, caller
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.paging import PageQuery, page
from participate.kernel.problems import language
from participate.moderation import looks
from participate.moderation.routes.room import DESK, moderation
from participate.moderation.schemas import photos as schemas


@moderation.route("/photos", door=DESK, query=PageQuery, answer=schemas.LookList, also=(304,))
def list_looks(query: dict[str, Any]) -> Response:
    """Photos in the caller's scope that nobody else sees until a moderator has looked; oldest first."""
    present, me = partial(looks.present, language=language()), {"me": account()}
    statement = looks.waiting(caller().grants)
    return answer(page(statement, looks.KEYS, present, query["limit"], query["cursor"], parameters=me))


@moderation.route("/photos/<id:photo_id>/boxes", door=DESK, answer=schemas.BoxesAnswer, also=(304,))
def show_boxes(photo_id: str) -> Response:
    """What is covered in a photo: faces and plates that were found, and what moderators have added."""
    return _boxes(photo_id)


@moderation.route(
    "/photos/<id:photo_id>/boxes",
    "PUT",
    door=DESK,
    body=schemas.BoxesBody,
    answer=schemas.BoxesAnswer,
    also=(409, 412),
)
def save_boxes(photo_id: str, body: dict[str, Any]) -> Response:
    """Say what must be covered, on top of the version in If-Match; the same boxes again say that all is well.

    A box with an `id` stays, one with a place is new, what is not named goes. The photo is covered anew, and hidden
    from the public until it is.
    """
    looks.save(caller(), photo_id, body["boxes"], wanted_version())
    return _boxes(photo_id)


def _boxes(photo_id: str) -> Response:
    row = looks.photo(caller(), photo_id)
    return answer(looks.with_boxes(row, language()), row.boxes_version)
