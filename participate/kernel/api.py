"""Rooms plug into HTTP here: one `route` states door, shapes and answers, and the contract is generated from it."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NoReturn, TypeVar

import marshmallow as ma
from flask import Flask, Request, Response, current_app, request
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser
from werkzeug.routing import BaseConverter

from participate.kernel import strict_json
from participate.kernel.auth import Door, caller, open_door
from participate.kernel.contract import STATUSES, Contract
from participate.kernel.db import release_reader
from participate.kernel.errors import Fault, Invalid, Missing, Unreadable, UnsupportedMedia
from participate.kernel.events import MEDIA_TYPE
from participate.kernel.idempotency import idempotent
from participate.kernel.overload import Urgency, usual
from participate.kernel.rates import BY_ACCOUNT, BY_ADDRESS, address, spend
from participate.kernel.shapes import Flag, Number, Shape, Whole, example, faults, loaded

F = TypeVar("F", bound=Callable[..., Any])
MULTIPART = "multipart/form-data"
_JSON = "application/json"
_BINARY = {"type": "string", "format": "binary"}


class _Parser(FlaskParser):
    """Reads bodies strictly and refuses with the house's own errors."""

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        if req.mimetype == MULTIPART:
            return strict_json.loads(_json_part(req))
        if req.mimetype != _JSON:
            raise UnsupportedMedia("unsupported_media_type")
        return strict_json.loads(req.get_data())

    def handle_error(self, error: ma.ValidationError, *args: Any, **kwargs: Any) -> NoReturn:
        messages: Any = error.messages
        inner = next(iter(messages.values())) if isinstance(messages, dict) and len(messages) == 1 else messages
        raise Invalid(*faults(inner)) from error


def _json_part(req: Request) -> bytes:
    """The JSON that travels beside files, as a field or as a file part."""
    if "submission" in req.form:
        return str(req.form["submission"]).encode("utf-8", "surrogatepass")
    if "submission" in req.files:
        return bytes(req.files["submission"].read())
    raise Invalid(Fault("submission", "required"))


class IdConverter(BaseConverter):
    """A UUID in a path, handed on as text; what is no UUID names nothing."""

    regex = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> str:
        return value.lower()


class CodeConverter(BaseConverter):
    """An area's code in a path."""

    regex = r"[0-9]{2,18}"


class Room(Blueprint):
    """A blueprint whose every route has a door, and whose description is complete by construction."""

    ARGUMENTS_PARSER = _Parser()

    def __init__(self, name: str, prefix: str = "/v1", description: str = "") -> None:
        super().__init__(name, f"participate.{name}", url_prefix=prefix, description=description)
        self.doors: dict[str, Door] = {}
        self.urgencies: dict[str, Urgency] = {}
        self.uploads: set[str] = set()
        self.answers: dict[str, type[ma.Schema]] = {}
        self.before_request(self._at_the_door)

    def _at_the_door(self) -> None:
        endpoint = (request.endpoint or "").rpartition(".")[2]
        is_upload = endpoint in self.uploads and request.mimetype == MULTIPART
        if not is_upload:
            request.max_content_length = current_app.config["MAX_JSON_BYTES"]
        if request.method != "OPTIONS":  # Which methods there are is no secret.
            urgency = self.urgencies[endpoint]
            spend(BY_ADDRESS.get(urgency), address())
            open_door(current_app, self.doors[endpoint])
            spend(BY_ACCOUNT.get(urgency), caller().account_id)
        if is_upload:
            release_reader()  # However slowly it comes, it keeps no connection from others.

    def route(
        self,
        rule: str,
        method: str = "GET",
        *,
        door: Door,
        urgency: Urgency | None = None,
        body: type[Shape] | None = None,
        query: type[Shape] | None = None,
        answer: type[ma.Schema] | None = None,
        status: int = 200,
        upload: Mapping[str, Any] | None = None,
        pictures: tuple[str, ...] = (),
        once: bool = True,
        also: tuple[int, ...] = (),
    ) -> Callable[[F], F]:
        """Register a view under `rule`.

        `urgency` is the class in which it waits when there is too much to do; `usual` says what it is by itself.
        `body` and `query` arrive as keyword arguments of those names. `upload` describes the properties of a
        multipart body, `pictures` are the media types of an answer that is no JSON. `once` makes a POST honour
        Idempotency-Key. `also` names further error statuses.
        """

        def decorate(view: F) -> F:
            dressed: Callable[..., Any] = view
            if query is not None:
                dressed = _with_query(view, query(), self.arguments(query(), location="query")(view))
            if body is not None:
                dressed = self.arguments(body(), arg_name="body", example=example(body))(dressed)
            dressed = self._answering(dressed, status, answer, pictures)
            keyed = method == "POST" and once and door.kind == "signed_in"
            errors = _errors(rule, method, door, body, query, upload) | set(also) | ({409} if keyed else set())
            dressed = self.doc(**_described(view, door, upload))(dressed)
            _document_headers(dressed, errors, keyed, may_hurry=upload is not None, is_stream=MEDIA_TYPE in pictures)
            _document_errors(dressed, errors)
            self.doors[view.__name__] = door
            self.urgencies[view.__name__] = urgency or usual(
                method, is_desk=bool(door.roles), is_public=door.kind == "open" or query is not None
            )
            if answer is not None:
                self.answers[view.__name__] = answer
            if keyed:
                dressed = idempotent(dressed)
            self.add_url_rule(rule, view.__name__, dressed, methods=[method])
            if upload is not None:
                self.uploads.add(view.__name__)
            return view

        return decorate

    def _answering(self, view: F, status: int, answer: type[ma.Schema] | None, pictures: tuple[str, ...]) -> F:
        """Describe the answer; views give it ready-made, and tests hold it against its shape."""
        schemas: list[tuple[Any, str | None]] = [(_BINARY, media_type) for media_type in pictures] or [(answer, None)]
        sample = example(answer) if answer else None
        for schema, media_type in schemas:
            view = self.alt_response(status, schema=schema, content_type=media_type, example=sample, success=True)(view)
        return view


def _with_query(view: Callable[..., Any], shape: Shape, described: Callable[..., Any]) -> Callable[..., Any]:
    """`view` with its parameters, as `described` for the contract: lists are short work, and webargs' way is long."""

    @wraps(described)
    def read(*args: Any, **kwargs: Any) -> Any:
        return view(*args, query=loaded(shape, request.args.to_dict()), **kwargs)

    return read


def _errors(rule: str, method: str, door: Door, body: object, query: object, upload: object) -> set[int]:
    """The error statuses that follow from a route's own description."""
    found = {400, 429, 500, 503}
    found |= {401} if door.kind != "open" else set()
    found |= {403} if door.roles else set()
    found |= {404} if "<" in rule else set()
    found |= {413, 415, 422} if body or upload else set()
    found |= {422} if query or method == "POST" else set()
    return found


def _document_errors(view: Any, errors: set[int]) -> None:
    responses = view._apidoc.setdefault("response", {}).setdefault("responses", {})
    view._apidoc.get("arguments", {}).pop("responses", None)
    for status in sorted(errors):
        responses[status] = [STATUSES[status][0]]


_SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "open": [],
    "optional": [{}, {"bearer": []}],
    "signed_in": [{"bearer": []}],
}


def _described(view: Callable[..., Any], door: Door, upload: Mapping[str, Any] | None) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": view.__name__, "security": _SECURITY[door.kind]}
    if upload is not None:
        described["requestBody"] = {"required": True, "content": {MULTIPART: {"schema": dict(upload)}}}
    return described


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


def _document_headers(view: Any, errors: set[int], keyed: bool, may_hurry: bool, is_stream: bool) -> None:
    headers = {"Accept-Language": _ACCEPT_LANGUAGE}
    headers |= {"Idempotency-Key": _IDEMPOTENCY_KEY} if keyed else {}
    headers |= {"Priority": _PRIORITY} if may_hurry else {}
    headers |= {"If-Match": _IF_MATCH} if 412 in errors else {}
    headers |= {"If-None-Match": _IF_NONE_MATCH} if 304 in errors else {}
    headers |= {"Range": _RANGE} if 206 in errors else {}
    headers |= {"Last-Event-ID": _LAST_EVENT_ID} if is_stream else {}
    described = [{"in": "header", "name": name} | header for name, header in headers.items()]
    view._apidoc.setdefault("arguments", {}).setdefault("parameters", []).extend(described)


def init_api(app: Flask) -> Contract:
    """The API of `app`, described at /openapi.json; rooms are registered on what this returns."""
    app.url_map.converters |= {"id": IdConverter, "code": CodeConverter}
    app.before_request(_refuse_nul)
    contract = Contract(app)
    contract.register_converter(IdConverter, lambda _c: {"type": "string", "format": "uuid"})
    contract.register_converter(CodeConverter, lambda _c: {"type": "string", "pattern": "^[0-9]{2,18}$"})
    for field, kind in ((Flag, "boolean"), (Number, "number"), (Whole, "integer")):
        contract.register_field(field, kind, None)
    return contract


def _refuse_nul() -> None:
    """No name of ours holds a NUL, and PostgreSQL takes none."""
    if "\0" in request.path:
        raise Missing
    if "%00" in request.query_string.decode("latin-1"):
        raise Unreadable("bad_request", (Fault("query", "json_nul"),))


def empty(status: int = 204) -> Response:
    """An answer without a body."""
    return Response(status=status)
