"""HTTP: tus 1.0.0, by which a photo comes in piece by piece over a network that keeps breaking."""

from collections.abc import Iterator

from flask import Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from participate.kernel.api import Room, empty
from participate.kernel.auth import OPEN, SIGNED_IN, account
from participate.kernel.conditional import answer
from participate.kernel.context import settings
from participate.kernel.db import release_reader
from participate.kernel.errors import Fault, Invalid, Unreadable
from participate.kernel.overload import REPORT, STATUS
from participate.photos.uploads import protocol, schemas, service, spoken

uploads = Room("uploads", description="Photos that are sent piece by piece (tus 1.0.0)")

_BLOCK = 2**16


def _speak_tus(response: Response) -> Response:
    response.headers["Tus-Resumable"] = protocol.VERSION
    if response.status_code == 412:
        response.headers["Tus-Version"] = protocol.VERSION
    return response


uploads.blueprint.after_request(_speak_tus)


@uploads.route("/uploads", "OPTIONS", door=OPEN, urgency=STATUS, status=204)
def describe_uploads() -> Response:
    """What of tus there is here."""
    return _abilities()


@uploads.route("/uploads/<id:upload_id>", "OPTIONS", door=OPEN, urgency=STATUS, status=204)
def describe_upload(**_named: str) -> Response:
    """The same."""
    return _abilities()


def _abilities() -> Response:
    told = empty()
    told.headers["Tus-Version"] = protocol.VERSION
    told.headers["Tus-Extension"] = protocol.EXTENSIONS
    told.headers["Tus-Checksum-Algorithm"] = ",".join(protocol.ALGORITHMS)
    told.headers["Tus-Max-Size"] = str(settings().max_photo_bytes)
    return told


@uploads.route(
    "/uploads",
    "POST",
    door=SIGNED_IN,
    status=201,
    once=False,
    answer=schemas.UploadShape,
    also=(409, 413, 415, 422, 460),
)
@spoken.spoken(201, takes=spoken.CREATING, sends=spoken.STANDING | {"Location": spoken.TEXT}, body=False)
def create_upload() -> Response:
    """Begin an upload, with its first piece or without."""
    protocol.check_version(request.headers)
    protocol.check_stated(request.headers)
    length, described = protocol.number(request.headers, "Upload-Length"), protocol.described(request.headers)
    checksum = protocol.checksum(request.headers)
    brings = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if brings:
        protocol.check_body(request.mimetype)
    standing = service.begin(account(), length, described, _key())
    # Who asks again under the same key has sent this before, or goes on where the answer says.
    if brings and standing.offset == 0 and standing.photo_id is None:
        standing = service.go_on(standing.id, account(), 0, _body(), request.content_length, checksum)
    shown = {
        "id": standing.id,
        "length": standing.length,
        "offset": standing.offset,
        "expires_at": standing.expires_at,
        "photo_id": standing.photo_id,
    }
    made = answer(shown, status=201, headers={"Location": f"{request.root_path.rstrip('/')}/v1/uploads/{standing.id}"})
    return _stamped(made, standing)


@uploads.route("/uploads/<id:upload_id>", "HEAD", door=SIGNED_IN, urgency=STATUS, also=(409, 410))
@spoken.spoken(200, takes=spoken.VERSION, sends=spoken.SHOWN)
def show_upload(upload_id: str) -> Response:
    """How far the upload has come."""
    protocol.check_version(request.headers)
    standing = service.show(upload_id, account())
    shown = _stamped(empty(200), standing)
    shown.headers["Upload-Length"] = str(standing.length)
    if standing.described:
        shown.headers["Upload-Metadata"] = standing.described
    return shown


@uploads.route(
    "/uploads/<id:upload_id>",
    "PATCH",
    door=SIGNED_IN,
    status=204,
    also=(409, 410, 413, 415, 422, 460),
)
@spoken.spoken(204, takes=spoken.SENDING, sends=spoken.STANDING, body=True)
def continue_upload(upload_id: str) -> Response:
    """Go on where the upload has come to; what arrives is kept, even where the rest does not."""
    return _continued(upload_id)


@uploads.route("/uploads/<id:upload_id>", "DELETE", door=SIGNED_IN, status=204, also=(410,))
@spoken.spoken(204, takes=spoken.VERSION, sends={})
def end_upload(upload_id: str) -> Response:
    """Give the upload up; a photo that it has become stays."""
    return _ended(upload_id)


@uploads.route(
    "/uploads/<id:upload_id>",
    "POST",
    door=SIGNED_IN,
    urgency=REPORT,
    status=204,
    once=False,
    also=(409, 410, 413, 415, 422, 460),
)
@spoken.spoken(204, takes=spoken.OVERRIDING, sends=spoken.STANDING, body=False)
def override_upload(upload_id: str) -> Response:
    """PATCH or DELETE, for who can send neither."""
    method = request.headers.get("X-HTTP-Method-Override", "").upper()
    if method not in {"PATCH", "DELETE"}:
        raise Unreadable("bad_request", (Fault("X-HTTP-Method-Override", "required"),))
    return _continued(upload_id) if method == "PATCH" else _ended(upload_id)


def _continued(upload_id: str) -> Response:
    protocol.check_version(request.headers)
    protocol.check_body(request.mimetype)
    offset, checksum = protocol.number(request.headers, "Upload-Offset"), protocol.checksum(request.headers)
    standing = service.go_on(upload_id, account(), offset, _body(), request.content_length, checksum)
    return _stamped(empty(), standing)


def _ended(upload_id: str) -> Response:
    protocol.check_version(request.headers)
    service.end(upload_id, account())
    return empty()


def _key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Invalid(Fault("Idempotency-Key", "length", (("min", 1), ("max", 255))))
    return key


def _body() -> Iterator[bytes]:
    """The request's body as it comes. Raises BrokenOff where it ends too soon."""
    request.max_content_length = settings().max_photo_bytes + 1  # The upload's own length counts, which is shorter.
    release_reader()  # However slowly it comes, it keeps no connection from others.
    while True:
        try:
            data = request.stream.read(_BLOCK)
        except (HTTPException, OSError) as error:
            raise protocol.BrokenOff from error
        if not data:
            return
        yield data


def _stamped(response: Response, standing: service.Standing) -> Response:
    """The answer with how the upload stands."""
    response.headers["Upload-Offset"] = str(standing.offset)
    response.headers["Upload-Expires"] = http_date(standing.expires_at)
    response.headers["Cache-Control"] = "no-store"
    if standing.photo_id is not None:
        response.headers["Photo-Id"] = standing.photo_id
    return response
