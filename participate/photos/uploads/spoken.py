"""What the contract says of the headers that tus speaks by."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from participate.photos.uploads import protocol

F = TypeVar("F", bound=Callable[..., Any])
TEXT: dict[str, Any] = {"schema": {"type": "string"}}
NUMBER: dict[str, Any] = {"schema": {"type": "integer", "minimum": 0}}
VERSION = {"Tus-Resumable": TEXT | {"required": True, "example": protocol.VERSION}}
CREATING = VERSION | {
    "Upload-Length": NUMBER | {"required": True, "description": "bytes of the whole file"},
    "Upload-Metadata": TEXT | {"description": "keys with values in Base64; handed back, and not gone by"},
    "Upload-Checksum": TEXT | {"description": "of the body: algorithm, space, digest in Base64"},
    "Idempotency-Key": TEXT | {"description": "the client's own name for the upload; asked again, it is found again"},
}
SENDING = VERSION | {
    "Upload-Offset": NUMBER | {"required": True},
    "Upload-Checksum": CREATING["Upload-Checksum"],
}
OVERRIDING = SENDING | {
    "Upload-Offset": NUMBER,
    "X-HTTP-Method-Override": {"schema": {"type": "string", "enum": ["PATCH", "DELETE"]}, "required": True},
}
STANDING: dict[str, Any] = {
    "Tus-Resumable": TEXT,
    "Upload-Offset": NUMBER | {"description": "how many bytes have come"},
    "Upload-Expires": TEXT | {"description": "until when it is kept"},
    "Photo-Id": TEXT | {"description": "the photo that the finished upload has become"},
}
SHOWN = STANDING | {"Upload-Length": NUMBER, "Upload-Metadata": TEXT}
_WRONG_VERSION = "#/components/responses/PRECONDITION_FAILED"
_PIECE = {"content": {protocol.BODY: {"schema": {"type": "string", "format": "binary"}}}}


def spoken(
    status: int, *, takes: Mapping[str, Any], sends: Mapping[str, Any], body: bool | None = None
) -> Callable[[F], F]:
    """Describe a view: the headers that it takes and, with `status`, sends; `body` says whether it must have one."""

    def describe(view: F) -> F:
        described: dict[str, Any] = view.__dict__.setdefault("_apidoc", {})
        parameters = [{"in": "header", "name": name} | header for name, header in takes.items()]
        described["arguments"] = {"parameters": parameters}
        responses: dict[int, Any] = {status: {"headers": dict(sends)}, 412: {"$ref": _WRONG_VERSION}}
        manual: dict[str, Any] = {"responses": responses}
        described["manual_doc"] = manual
        if body is not None:
            manual["requestBody"] = {"required": body} | _PIECE
        return view

    return describe
