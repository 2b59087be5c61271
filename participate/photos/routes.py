"""HTTP: photos come in, and go out to those who may see them."""

from typing import Any

from flask import Response, current_app, request
from werkzeug.datastructures import FileStorage

from participate.audit import service as audit
from participate.kernel.api import Room
from participate.kernel.auth import OPTIONAL, SIGNED_IN, account, caller
from participate.kernel.conditional import answer
from participate.kernel.db import transaction
from participate.kernel.errors import Fault, Invalid, Missing, TooLarge, UnsupportedMedia
from participate.kernel.overload import LIST
from participate.kernel.problems import language
from participate.photos import queries, schemas, service

photos = Room("photos", description="Photos, kept private until what they show is accepted")

UPLOAD = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary", "contentMediaType": "image/jpeg"}},
}


def read_upload(file: FileStorage) -> bytes:
    """The bytes of an uploaded file. Raises TooLarge before more than the limit is read."""
    limit: int = current_app.config["MAX_PHOTO_BYTES"]
    data = file.stream.read(limit + 1)
    if len(data) > limit:
        raise TooLarge("photo_too_large")
    return data


@photos.route("/photos", "POST", door=SIGNED_IN, answer=schemas.NewPhotoAnswer, status=201, upload=UPLOAD)
def upload_photo() -> Response:
    """Keep a photo; it is decoded in the background, and removed if it is not attached within 24 hours."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMedia("unsupported_media_type")
    file = request.files.get("file")
    if file is None:
        raise Invalid(Fault("file", "required"))
    photo_id = service.register(service.keep(read_upload(file)), account())
    return answer({"id": photo_id, "state": "processing"}, status=201, headers={"Location": f"/v1/photos/{photo_id}"})


@photos.route("/photos/<id:photo_id>", door=OPTIONAL, answer=schemas.PhotoShape, also=(304,))
def show_photo(photo_id: str) -> Response:
    """The photo's state and where its pictures are."""
    row, level = queries.viewed(photo_id, caller())
    return answer(queries.present(row, language(), in_full=level != "public"))


@photos.route("/photos/<id:photo_id>/thumb", door=OPTIONAL, urgency=LIST, pictures=("image/jpeg",))
def show_thumb(photo_id: str) -> Response:
    """A picture of at most 320 pixels a side."""
    return _rendition(photo_id, "thumb")


@photos.route("/photos/<id:photo_id>/view", door=OPTIONAL, urgency=LIST, pictures=("image/jpeg",))
def show_view(photo_id: str) -> Response:
    """A picture of at most 1600 pixels a side."""
    return _rendition(photo_id, "view")


@photos.route("/photos/<id:photo_id>/original", door=SIGNED_IN, pictures=("image/*", "application/octet-stream"))
def show_original(photo_id: str) -> Response:
    """The bytes as they came, for their owner and those who handle the case; each opening is written down."""
    row, level = queries.viewed(photo_id, caller(), for_desk=True)
    data = service.store().get(service.original_key(row.id))
    if level == "desk":
        with transaction():
            audit.record("photo.original_opened", "photo", row.id, account())
    return _picture(data, row.media_type or "application/octet-stream", "private, no-store")


def _rendition(photo_id: str, name: str) -> Response:
    row, level = queries.viewed(photo_id, caller())
    if row.state != "ready":
        raise Missing
    cache = "public, max-age=3600" if level == "public" else "private, max-age=3600"
    return _picture(service.store().get(service.rendition_key(row.id, name)), "image/jpeg", cache)


def _picture(data: bytes, media_type: str, cache: str) -> Response:
    headers: dict[str, Any] = {
        "Cache-Control": cache,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(data, headers=headers, content_type=media_type)
