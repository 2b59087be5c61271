"""Rooms plug into HTTP here: one `route` states door, shapes and answers, and the contract is generated from it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, TypeVar

import marshmallow as ma
from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.routing import BaseConverter

from participate.kernel import strict_json
from participate.kernel.auth import Door, caller, open_door
from participate.kernel.db import release_reader
from participate.kernel.errors import Fault, Invalid, Missing, Unreadable, UnsupportedMedia
from participate.kernel.idempotency import idempotent
from participate.kernel.overload import Urgency, usual
from participate.kernel.parts import MULTIPART, json_part, with_parts
from participate.kernel.rates import BY_ACCOUNT, BY_ADDRESS, address, spend
from participate.kernel.shapes import Shape, loaded

F = TypeVar("F", bound=Callable[..., Any])
ROOMS = "participate.rooms"
_JSON = "application/json"


class IdConverter(BaseConverter):
    """A UUID in a path, handed on as text; what is no UUID names nothing."""

    regex = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> str:
        return value.lower()


class CodeConverter(BaseConverter):
    """An area's code in a path."""

    regex = r"[0-9]{2,18}"


@dataclass(frozen=True)
class Route:
    """What `Room.route` was told of `view`: all that the contract says of it. `keyed`: it honours Idempotency-Key."""

    view: Callable[..., Any]
    rule: str
    method: str
    door: Door
    urgency: Urgency
    body: type[Shape] | None
    query: type[Shape] | None
    upload: Mapping[str, Any] | None
    answer: type[ma.Schema] | None
    status: int
    pictures: tuple[str, ...]
    keyed: bool
    also: tuple[int, ...]


class Room:
    """A blueprint whose every route has a door, and whose description is complete by construction."""

    def __init__(self, name: str, prefix: str = "/v1", description: str = "") -> None:
        self.name, self.description = name, description
        self.routes: dict[str, Route] = {}
        self.blueprint = Blueprint(name, f"participate.{name}", url_prefix=prefix)
        self.blueprint.before_request(self._at_the_door)

    def _at_the_door(self) -> None:
        route = self.routes[(request.endpoint or "").rpartition(".")[2]]
        is_upload = route.upload is not None and request.mimetype == MULTIPART
        if not is_upload:
            request.max_content_length = current_app.config["MAX_JSON_BYTES"]
        if request.method != "OPTIONS":  # Which methods there are is no secret.
            spend(BY_ADDRESS.get(route.urgency), address())
            open_door(current_app, route.door)
            spend(BY_ACCOUNT.get(route.urgency), caller().account_id)
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
            waits = urgency or usual(
                method, is_desk=bool(door.roles), is_public=door.kind == "open" or query is not None
            )
            keyed = method == "POST" and once and door.kind == "signed_in"
            reads, gives = (body, query, upload), (answer, status, pictures)
            self._add(Route(view, rule, method, door, waits, *reads, *gives, keyed, also))
            return view

        return decorate

    def _add(self, route: Route) -> None:
        served, name = route.view, route.view.__name__
        if route.query is not None:
            served = _with(served, "query", route.query, _parameters)
        if route.body is not None:
            served = _with(served, "body", route.body, _json if route.upload is None else _json_or_part)
        if route.upload is not None:
            served = with_parts(served, route.upload)
        if route.keyed:
            served = idempotent(served)
        self.routes[name] = route
        self.blueprint.add_url_rule(route.rule, name, served, methods=[route.method])


def _with(view: Callable[..., Any], name: str, shape: type[Shape], sent: Callable[[], Any]) -> Callable[..., Any]:
    """`view` with what was `sent`, as the shape takes it, for its keyword argument of that `name`."""
    taker = cache(shape)  # Made for the first who asks: of most routes' shapes a process needs none for long.

    @wraps(view)
    def read(*args: Any, **kwargs: Any) -> Any:
        kwargs[name] = loaded(taker(), sent())
        return view(*args, **kwargs)

    return read


def _parameters() -> Any:
    """What was asked for. Raises Invalid for a name that is there twice: one would be passed over in silence."""
    twice = [Fault(name, "named_twice") for name, values in request.args.lists() if len(values) > 1]
    if twice:
        raise Invalid(*twice)
    return request.args.to_dict()


def _json() -> Any:
    """The JSON that was sent, read strictly."""
    if request.mimetype != _JSON:
        raise UnsupportedMedia("unsupported_media_type")
    return strict_json.loads(request.get_data())


def _json_or_part() -> Any:
    return strict_json.loads(json_part()) if request.mimetype == MULTIPART else _json()


def init_api(app: Flask, rooms: Iterable[Room]) -> None:
    """Plug `rooms` into `app`, which says at /openapi.json what they do."""
    app.url_map.converters |= {"id": IdConverter, "code": CodeConverter}
    app.url_map.merge_slashes = False  # A path of ours has one of each; werkzeug would answer with a page of HTML.
    app.before_request(_refuse_nul)
    app.before_request(_refuse_coded)
    app.extensions[ROOMS] = tuple(rooms)
    for room in rooms:
        app.register_blueprint(room.blueprint)
    app.add_url_rule("/openapi.json", "show_contract", _show_contract)


def _show_contract() -> Response:
    from participate.kernel.contract import written  # noqa: PLC0415 - its generator is for the few who ask: ADR 0021

    return Response(current_app.json.dumps(written()), content_type=_JSON)


def _refuse_nul() -> None:
    """No name of ours holds a NUL, and PostgreSQL takes none."""
    if "\0" in request.path:
        raise Missing
    if "%00" in request.query_string.decode("latin-1"):
        raise Unreadable("bad_request", (Fault("query", "json_nul"),))


def _refuse_coded() -> None:
    """Bodies are taken as they are, and not packed as with gzip."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise UnsupportedMedia("content_encoding")


def empty(status: int = 204) -> Response:
    """An answer without a body."""
    return Response(status=status)
