"""A POST sent twice acts once: the key is stored in the same transaction as its effect."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from hashlib import sha256
from typing import Any

from flask import Response, current_app, make_response, request
from sqlalchemy import BigInteger, String, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel import retention
from participate.kernel.auth import caller
from participate.kernel.clock import now
from participate.kernel.db import Json, Model, UtcTime, execute, is_sqlite, one, table, transaction
from participate.kernel.errors import Conflict, Fault, Invalid

KEPT = timedelta(hours=48)
_HEADERS = ("Content-Type", "Location", "ETag")


class IdempotencyKey(Model):
    """An answer already given: per caller, route and key."""

    __tablename__ = "idempotency_keys"
    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    route: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(Json)
    body: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)


_ANSWER = select(IdempotencyKey.fingerprint, IdempotencyKey.status, IdempotencyKey.headers, IdempotencyKey.body).where(
    IdempotencyKey.caller == bindparam("whose"),
    IdempotencyKey.route == bindparam("to"),
    IdempotencyKey.key == bindparam("named"),
)
_KEEP = [made(table(IdempotencyKey)).on_conflict_do_nothing() for made in (postgresql.insert, sqlite.insert)]
_LOCK = select(func.pg_try_advisory_xact_lock(bindparam("number", type_=BigInteger)))


class _DoneElsewhere(Exception):
    """Another request with the same key landed first; this one's effects are rolled back."""


def idempotent(view: Callable[..., Any]) -> Callable[..., Response]:
    """Honour `Idempotency-Key` on `view`; without the header the view runs as it is."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Response:
        key = _key()
        if key is None:
            return make_response(view(*args, **kwargs))
        print_ = _fingerprint()
        found = _replay(key, print_)
        if found is not None:
            return found
        try:
            return _run(lambda: view(*args, **kwargs), key, print_)
        except _DoneElsewhere:
            return _replay(key, print_) or make_response(view(*args, **kwargs))

    return wrapped


def _key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Invalid(Fault("Idempotency-Key", "length", (("min", 1), ("max", 255))))
    return key


def _whose() -> tuple[str, str]:
    return caller().account_id or "", f"{request.method} {request.path}"[:200]


def _fingerprint() -> str:
    """What was asked, whatever boundary a multipart body was sent with."""
    digest = sha256(request.full_path.encode())
    if request.mimetype != "multipart/form-data":
        digest.update(request.get_data())
        return digest.hexdigest()
    for name, value in sorted(request.form.items(multi=True)):
        digest.update(f"{name}={value}\n".encode())
    for name, file in request.files.items(multi=True):
        digest.update(f"{name}:".encode())
        while chunk := file.stream.read(2**20):
            digest.update(chunk)
        file.stream.seek(0)
    return digest.hexdigest()


def _replay(key: str, fingerprint: str) -> Response | None:
    whose, route = _whose()
    found = one(_ANSWER, {"whose": whose, "to": route, "named": key})
    if found is None:
        return None
    if found.fingerprint != fingerprint:
        raise Invalid(code="idempotency_key_reused")
    return current_app.response_class(found.body, found.status, dict(found.headers))


def _run(view: Callable[[], Any], key: str, fingerprint: str) -> Response:
    whose, route = _whose()
    with transaction():
        _claim(f"{whose} {route} {key}")
        answer = make_response(view())
        row = {
            "caller": whose,
            "route": route,
            "key": key,
            "fingerprint": fingerprint,
            "status": answer.status_code,
            "headers": {name: answer.headers[name] for name in _HEADERS if name in answer.headers},
            "body": answer.get_data(),
            "at": now(),
        }
        if not execute(_KEEP[is_sqlite()], row).rowcount:
            raise _DoneElsewhere
    return answer


def _claim(name: str) -> None:
    """Refuse while the same key is at work; SQLite's writers wait for one another anyway."""
    if is_sqlite():
        return
    number = int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
    if not execute(_LOCK, {"number": number}).scalar():
        raise Conflict("idempotency_key_in_use", retry_after=1)


def forget_old() -> int:
    """Drop keys whose time is over, so many at a time; returns how many."""
    held = IdempotencyKey
    return retention.forget(held, held.at < now() - KEPT, by=held.at)
