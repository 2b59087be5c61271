"""HTTP: photos come in, and go out to those who may see them."""

from typing import Any, cast

from flask import Response, request
from werkzeug.datastructures import FileStorage

from participate.audit import service as audit
from participate.kernel.api import Room
from participate.kernel.auth import OPTIONAL, SIGNED_IN, account, caller
from participate.kernel.conditional import answer
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, transaction
from participate.kernel.errors import Missing, UnsupportedMedia
from participate.kernel.overload import LIST, STATUS
from participate.kernel.parts import MULTIPART
from participate.kernel.problems import language
from participate.photos import links, queries, schemas, service, serving, waiting
from participate.photos.arriving import Arrival, store
from participate.photos.files import covered_key, find_original
from participate.photos.models import DOCUMENT

photos = Room("photos", description="Photos, kept private until what they show is accepted")

_MOMENT_SECONDS = 60  # Long enough to follow a redirect.

UPLOAD = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary", "contentMediaType": "image/jpeg"}},
}


def arrived(files: list[FileStorage]) -> list[Arrival]:
    """The uploaded files as they have come in."""
    return [cast("Arrival", file.stream) for file in files]


@photos.route("/photos", "POST", door=SIGNED_IN, answer=schemas.NewPhotoAnswer, status=201, upload=UPLOAD)
def upload_photo() -> Response:
    """Keep a photo; it is decoded in the background, and removed if it is not attached within 24 hours."""
    if request.mimetype != MULTIPART:
        raise UnsupportedMedia("unsupported_media_type")
    (kept,) = service.keep_all(arrived([request.files["file"]]), account())
    photo_id = service.register(kept, account())
    return answer({"id": photo_id, "state": "processing"}, status=201, headers={"Location": f"/v1/photos/{photo_id}"})


@photos.route("/photos/<id:photo_id>", door=OPTIONAL, answer=schemas.PhotoShape, also=(304,))
def show_photo(photo_id: str) -> Response:
    """The photo's state and where its pictures are; for those who see more than the public, by links that expire.

    With `Prefer: wait=4` the answer waits up to so many seconds while the photo is processing.
    """
    seconds = waiting.wanted_seconds(request.headers.get("Prefer", ""))
    has_waited = (
        seconds > 0 and _is_processing(photo_id) and waiting.wait_while(lambda: _is_processing(photo_id), seconds)
    )
    row, level = queries.viewed(photo_id, caller())
    headers = {"Preference-Applied": f"wait={seconds}"} if has_waited else {}
    if row.state == "processing":
        headers["Retry-After"] = str(waiting.RETRY_SECONDS)
    return answer(queries.present(row, language(), in_full=level != "public"), headers=headers)


def _is_processing(photo_id: str) -> bool:
    return bool(queries.viewed(photo_id, caller())[0].state == "processing")


_SENT: dict[str, Any] = {"door": OPTIONAL, "query": schemas.LinkQuery, "also": (206, 302, 304, 416)}


@photos.route("/photos/<id:photo_id>/thumb", urgency=LIST, pictures=("image/jpeg",), **_SENT)
def show_thumb(photo_id: str, query: dict[str, Any]) -> Response:
    """A picture of at most 320 pixels a side."""
    return _rendition(photo_id, "thumb", query)


@photos.route("/photos/<id:photo_id>/view", urgency=LIST, pictures=("image/jpeg",), **_SENT)
def show_view(photo_id: str, query: dict[str, Any]) -> Response:
    """A picture of at most 1600 pixels a side."""
    return _rendition(photo_id, "view", query)


def _rendition(photo_id: str, name: str, query: dict[str, Any]) -> Response:
    is_linked = links.holds(photo_id, name, **query)
    row, level = (queries.linked(photo_id), "link") if is_linked else queries.viewed(photo_id, caller())
    if row.state != "ready":
        raise Missing
    if row.purpose == DOCUMENT:
        _write_down("photo.document_opened", row, level)
    elif not queries.checked(row):
        _open_unchecked(row, level)
    key = covered_key(row.id, name, row.rendered)
    return (_elsewhere(key) if is_linked else None) or serving.picture(key, is_public=level == "public")


def _open_unchecked(row: AnyRow, level: str) -> None:
    """What nobody has checked is its owner's, and the desk's where that is written down. Raises Missing."""
    if level not in {"owner", "desk"}:
        raise Missing
    _write_down("photo.unchecked_opened", row, level)


def _write_down(action: str, row: AnyRow, level: str) -> None:
    """That somebody at a desk has opened it."""
    if level == "desk" and request.method != "HEAD":
        with transaction():
            audit.record(action, "photo", row.id, account())


@photos.route(
    "/photos/<id:photo_id>/original", urgency=STATUS, pictures=("image/*", "application/octet-stream"), **_SENT
)
def show_original(photo_id: str, query: dict[str, Any]) -> Response:
    """The bytes as they came, for their owner and those who handle the case; each opening is written down."""
    is_linked = links.holds(photo_id, "original", **query)
    row = queries.linked(photo_id) if is_linked else _opened(photo_id)
    try:
        found = find_original(row.id, row.sha256)
    except FileNotFoundError:
        raise Missing from None
    return (_elsewhere(found.key) if is_linked else None) or serving.original(found, row.id, row.sha256, row.media_type)


@photos.route(
    "/photos/<id:photo_id>/original-link", "POST", door=SIGNED_IN, urgency=STATUS, answer=schemas.LinkAnswer, once=False
)
def link_original(photo_id: str) -> Response:
    """A link to the original for what can send no token, for some minutes; making it counts as an opening."""
    row = _opened(photo_id)
    body = {"url": links.signed(row.id, "original"), "expires_at": links.expires_at()}
    return answer(body, headers={"Cache-Control": "private, no-store"})


def _opened(photo_id: str) -> AnyRow:
    """The row of a photo whose original the caller may open, once that is written down."""
    account()
    row, level = queries.viewed(photo_id, caller(), for_desk=True)
    _write_down("photo.original_opened", row, level)
    return row


def _elsewhere(key: str) -> Response | None:
    """The way to the store itself, where it may serve what we have a link to: it takes no token beside its own."""
    url = store().signed_url(key, _MOMENT_SECONDS) if settings().media_redirect else None
    return serving.elsewhere(url) if url else None
