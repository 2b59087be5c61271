"""Every error, on every path, as RFC 9457 problem+json in the caller's language."""

import logging
from collections.abc import Iterable
from errno import EDQUOT, ENOSPC

import orjson
from flask import Flask, Response, request
from marshmallow import fields
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from participate.kernel.errors import DomainError, Fault, Unavailable
from participate.kernel.shapes import Shape
from participate.kernel.words import pick, say

TYPE_PREFIX = "urn:participate:problem:"
MEDIA_TYPE = "application/problem+json"
# psycopg's classes of lock_timeout, deadlock, too many connections and a server that is starting or stopping.
_PASSING = {"LockNotAvailable", "DeadlockDetected", "TooManyConnections", "CannotConnectNow", "AdminShutdown"}
_FULL_SECONDS = 30  # A full disk needs a person.
_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "timeout",
    413: "too_large",
    414: "uri_too_long",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
    431: "headers_too_large",
    500: "internal",
    503: "unavailable",
}

_log = logging.getLogger(__name__)


class ProblemShape(Shape):
    """RFC 9457."""

    class ErrorShape(Shape):
        """One field that is wrong."""

        field = fields.String(required=True, metadata={"example": "body"})
        code = fields.String(required=True, metadata={"example": "required"})
        message = fields.String(required=True, metadata={"example": "必填。"})

    type = fields.String(required=True, metadata={"example": "urn:participate:problem:invalid"})
    title = fields.String(required=True, metadata={"example": "有些内容需要修改。"})
    status = fields.Integer(required=True, metadata={"example": 422})
    detail = fields.String(required=True, metadata={"example": "body: 必填。"})
    errors = fields.List(fields.Nested(ErrorShape), required=True)


def language() -> str:
    """The language that this request's caller reads."""
    return pick(tag for tag, _ in request.accept_languages)


def document(status: int, code: str, speech: str, faults: Iterable[Fault] = ()) -> bytes:
    """A problem as JSON, in the language `speech`."""
    title = say(f"problem.{code}", speech)
    errors = [
        {"field": f.field, "code": f.code, "message": say(f"fault.{f.code}", speech, **dict(f.values))} for f in faults
    ]
    detail = "; ".join(f"{e['field']}: {e['message']}" if e["field"] else e["message"] for e in errors)
    body = {
        "type": TYPE_PREFIX + code,
        "title": title,
        "status": status,
        "detail": detail or title,
        "errors": errors,
    }
    return orjson.dumps(body)


def problem(status: int, code: str, faults: Iterable[Fault] = (), headers: dict[str, str] | None = None) -> Response:
    """A problem+json answer."""
    speech = language()
    answer = Response(document(status, code, speech, faults), status, headers, content_type=MEDIA_TYPE)
    answer.headers["Content-Language"] = speech
    return answer


def _domain(error: DomainError) -> Response:
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="participate"'
    return problem(error.status, error.code, error.faults, headers)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        # A redirect that the router raises is an answer, not an error.
        return Response(headers=dict(error.get_headers()), status=status)
    kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After", "Content-Range"}}
    otherwise = "internal" if status >= 500 else "bad_request"
    return problem(status, _HTTP_CODES.get(status, otherwise), headers=kept)


def _database(error: DBAPIError) -> Response:
    if isinstance(error, OperationalError) or type(error.orig).__name__ in _PASSING:
        _log.warning("database away", extra={"reason": type(error.orig).__name__})
        return _domain(Unavailable(retry_after=2))
    return _unexpected(error)


def _busy(_error: PoolTimeout) -> Response:
    return _domain(Unavailable(retry_after=2))


def _system(error: OSError) -> Response:
    if error.errno in {ENOSPC, EDQUOT}:
        _log.error("no room left", extra={"file": error.filename})
        return _domain(Unavailable(retry_after=_FULL_SECONDS))
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    _log.exception("unexpected error", exc_info=error, extra={"route": str(request.url_rule)})
    return problem(500, "internal")


def init_problems(app: Flask) -> None:
    """Answer every error of `app` this way."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(OSError, _system)
    app.register_error_handler(Exception, _unexpected)
