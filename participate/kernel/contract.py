"""The contract as OpenAPI, generated from the routes when somebody asks for it.

Here alone is its generator loaded, and what is only said of a route is made: most processes are never asked (ADR 0021).
"""

from http import HTTPStatus
from threading import Lock
from typing import Any

from flask import Flask, current_app
from flask_smorest import Api, Blueprint
from flask_smorest.utils import prepare_response

from participate.kernel.api import ROOMS, CodeConverter, IdConverter, Room, Route
from participate.kernel.events import MEDIA_TYPE
from participate.kernel.parts import MULTIPART
from participate.kernel.problems import ProblemShape
from participate.kernel.shapes import Flag, Number, Whole, example

# HTTP's own, and the one that tus has added.
STATUSES = {int(status): (status.name, status.phrase) for status in HTTPStatus}
STATUSES[460] = ("CHECKSUM_MISMATCH", "Checksum Mismatch")
_RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds to wait before another try"}}
_SPEC = {
    "title": "Participate",
    "version": "v1",
    "openapi_version": "3.1.0",
    "info": {
        "description": "One door for a city's residents: what they report and propose, and what becomes of it.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "servers": [{"url": "/"}],
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    },
}
_SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "open": [],
    "optional": [{}, {"bearer": []}],
    "signed_in": [{"bearer": []}],
}
_BINARY = {"type": "string", "format": "binary"}
_ACCEPT_LANGUAGE = {"description": "zh-Hans or en", "schema": {"type": "string"}, "example": "zh-Hans"}
_IDEMPOTENCY_KEY = {
    "description": "a retry with the same key acts once",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!-~]([ -~]*[!-~])?$"},
}
_PRIORITY = {
    "description": "`u=0` (RFC 9218) for an emergency: let in first when the service is overloaded, a few times",
    "schema": {"type": "string"},
    "example": "u=0",
}
_IF_MATCH = {"description": "the ETag that the change builds on, or *", "schema": {"type": "string"}}
_RANGE = {"description": "one part of the bytes", "schema": {"type": "string"}, "example": "bytes=0-1023"}
_IF_NONE_MATCH = {"description": "the ETag that is held already", "schema": {"type": "string"}}
_LAST_EVENT_ID = {"description": "the id of the last event that the client has", "schema": {"type": "string"}}

_EXTENSION = "participate.contract"
_WRITING = Lock()


def written() -> dict[str, Any]:
    """The contract of the present application, as JSON has it."""
    with _WRITING:
        if _EXTENSION not in current_app.extensions:
            current_app.extensions[_EXTENSION] = _generated(current_app)
        found: dict[str, Any] = current_app.extensions[_EXTENSION]
        return found


def _generated(app: Flask) -> dict[str, Any]:
    contract = _Contract(app, spec_kwargs=_SPEC)
    contract.register_converter(IdConverter, lambda _c: {"type": "string", "format": "uuid"})
    contract.register_converter(CodeConverter, lambda _c: {"type": "string", "pattern": "^[0-9]{2,18}$"})
    for field, kind in ((Flag, "boolean"), (Number, "number"), (Whole, "integer")):
        contract.register_field(field, kind, None)
    contract.write_errors()
    for room in app.extensions[ROOMS]:
        _described(room).register_views_in_doc(contract, app, contract.spec, name=room.name, parameters=None)
        contract.spec.tag({"name": room.name, "description": room.description})
    found: dict[str, Any] = contract.spec.to_dict()
    return found


class _Contract(Api):
    """flask-smorest's generator with problem+json as the form of every error."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_doc_blueprint(self) -> None:
        """It is served by `kernel.api`."""

    def _register_error_handlers(self) -> None:
        """Errors are answered by `kernel.problems`."""

    def _register_responses(self) -> None:
        """Those of ours are written by `write_errors`."""

    def write_errors(self) -> None:
        for status, (name, phrase) in STATUSES.items():
            response: dict[str, Any] = {"description": phrase}
            if status >= 400:
                response |= {
                    "schema": ProblemShape,
                    "example": example(ProblemShape) | {"status": status},
                }
                response["headers"] = _RETRY if status in {429, 503} else {}
            prepare_response(response, self.spec, "application/problem+json")
            self.spec.components.response(name, response, lazy=True)


def _described(room: Room) -> Blueprint:
    """What flask-smorest is told of a room's routes; it serves none of them."""
    described = Blueprint(room.name, room.blueprint.import_name)
    for name, route in room.routes.items():
        described.add_url_rule(route.rule, name, _dressed(described, route), methods=[route.method])
    return described


def _dressed(described: Blueprint, route: Route) -> Any:
    view: Any = route.view
    if route.query is not None:
        view = described.arguments(route.query(), location="query")(view)
    if route.body is not None:
        view = described.arguments(route.body(), example=example(route.body))(view)
    view = _answering(described, route, view)
    view = described.doc(**_manual(route))(view)
    errors = _errors(route)
    _document_headers(view, route, errors)
    _document_errors(view, errors)
    return view


def _answering(described: Blueprint, route: Route, view: Any) -> Any:
    """Describe the answer; views give it ready-made, and tests hold it against its shape."""
    schemas: list[tuple[Any, str | None]] = [(_BINARY, media_type) for media_type in route.pictures]
    sample = example(route.answer) if route.answer else None
    for schema, media_type in schemas or [(route.answer, None)]:
        said = {"schema": schema, "content_type": media_type, "example": sample, "success": True}
        view = described.alt_response(route.status, **said)(view)
    return view


def _manual(route: Route) -> dict[str, Any]:
    said: dict[str, Any] = {"operationId": route.view.__name__, "security": _SECURITY[route.door.kind]}
    if route.upload is not None:
        said["requestBody"] = {"required": True, "content": {MULTIPART: {"schema": dict(route.upload)}}}
    return said


def _errors(route: Route) -> set[int]:
    """The error statuses that follow from a route's own description."""
    found = {400, 429, 500, 503} | set(route.also)
    found |= {401} if route.door.kind != "open" else set()
    found |= {403} if route.door.roles else set()
    found |= {404} if "<" in route.rule else set()
    found |= {409} if route.keyed else set()
    found |= {413, 415, 422} if route.body or route.upload else set()
    found |= {422} if route.query or route.method == "POST" else set()
    return found


def _document_errors(view: Any, errors: set[int]) -> None:
    responses = view._apidoc.setdefault("response", {}).setdefault("responses", {})
    view._apidoc.get("arguments", {}).pop("responses", None)
    for status in sorted(errors):
        responses[status] = [STATUSES[status][0]]


def _document_headers(view: Any, route: Route, errors: set[int]) -> None:
    headers = {"Accept-Language": _ACCEPT_LANGUAGE}
    headers |= {"Idempotency-Key": _IDEMPOTENCY_KEY} if route.keyed else {}
    headers |= {"Priority": _PRIORITY} if route.upload is not None else {}
    headers |= {"If-Match": _IF_MATCH} if 412 in errors else {}
    headers |= {"If-None-Match": _IF_NONE_MATCH} if 304 in errors else {}
    headers |= {"Range": _RANGE} if 206 in errors else {}
    headers |= {"Last-Event-ID": _LAST_EVENT_ID} if MEDIA_TYPE in route.pictures else {}
    described = [{"in": "header", "name": name} | header for name, header in headers.items()]
    view._apidoc.setdefault("arguments", {}).setdefault("parameters", []).extend(described)
