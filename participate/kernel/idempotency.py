"""A POST sent twice acts once: the key is stored in the same transaction as its effect."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from hashlib import sha256
from typing import Any

from flask import Response, current_app, make_response, request
from sqlalchemy import BigInteger, String, and_, bindparam, func, insert, literal, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel import retention
from participate.kernel.auth import caller
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, Json, Model, UtcTime, add, is_sqlite, one, table, transaction
from participate.kernel.errors import Conflict, Fault, Invalid
from participate.kernel.parts import MULTIPART

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


_NEW = insert(table(IdempotencyKey))
_GIVEN = (IdempotencyKey.fingerprint, IdempotencyKey.status, IdempotencyKey.headers, IdempotencyKey.body)
_SAME = and_(
    IdempotencyKey.caller == bindparam("whose"),
    IdempotencyKey.route == bindparam("to"),
    IdempotencyKey.key == bindparam("named"),
)
# SQLite's writers wait for one another anyway. On PostgreSQL whoever is at work on a key holds the lock of its number.
_FREE = {True: true(), False: func.pg_try_advisory_xact_lock(bindparam("number", type_=BigInteger))}
_ONE_ROW = select(literal(1).label("row")).subquery()
_CLAIM = {
    is_sqlite: select(free.label("free"), *_GIVEN).select_from(_ONE_ROW.outerjoin(IdempotencyKey, _SAME))
    for is_sqlite, free in _FREE.items()
}
_ANSWER = select(*_GIVEN).where(_SAME)


def idempotent(view: Callable[..., Any]) -> Callable[..., Response]:
    """Honour `Idempotency-Key` on `view`; without the header the view runs as it is."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Response:
        key = _key()
        if key is None:
            return make_response(view(*args, **kwargs))
        return once(key, _fingerprint(), lambda: view(*args, **kwargs))

    return wrapped


def once(key: str, fingerprint: str, view: Callable[[], Any]) -> Response:
    """The answer that the caller was given on this route under `key`, or else the view's, kept with its effect.

    `fingerprint` stands for all that was asked. Raises Conflict (`idempotency_key_in_use`) while another is at it, and
    Invalid (`idempotency_key_reused`) where something else was asked under the key; what the view raises is not kept.
    """
    asked = _Asked(*_whose(), key, fingerprint)
    try:
        return _once(asked, view)
    except IntegrityError:
        # Another request with this key may have landed between our look and our lock: then that is the answer.
        found = one(_ANSWER, asked.named)
        if found is None:
            raise
        return _again(asked, found)


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
    if request.mimetype != MULTIPART:
        digest.update(request.get_data())
        return digest.hexdigest()
    # A part may come without a name.
    for name, value in sorted((name or "", value) for name, value in request.form.items(multi=True)):
        digest.update(f"{name}={value}\n".encode())
    for name, file in request.files.items(multi=True):
        digest.update(f"{name}:".encode())
        while chunk := file.stream.read(2**20):
            digest.update(chunk)
        file.stream.seek(0)
    return digest.hexdigest()


@dataclass(frozen=True)
class _Asked:
    """By whom, for what, under which key, and what exactly."""

    whose: str
    route: str
    key: str
    fingerprint: str

    @property
    def named(self) -> dict[str, str]:
        return {"whose": self.whose, "to": self.route, "named": self.key}


def _once(asked: _Asked, view: Callable[[], Any]) -> Response:
    """The answer that was given before, or else the view's, kept with its effect."""
    with transaction():
        found = one(_CLAIM[is_sqlite()], asked.named | ({} if is_sqlite() else {"number": _number(asked)}))
        if found is not None and found.fingerprint is not None:
            return _again(asked, found)
        if found is None or not found.free:
            raise Conflict("idempotency_key_in_use", retry_after=1)
        answer = make_response(view())
        row = {
            "caller": asked.whose,
            "route": asked.route,
            "key": asked.key,
            "fingerprint": asked.fingerprint,
            "status": answer.status_code,
            "headers": {name: answer.headers[name] for name in _HEADERS if name in answer.headers},
            "body": answer.get_data(),
            "at": now(),
        }
        add(_NEW, row)
    return answer


def _number(asked: _Asked) -> int:
    name = f"{asked.whose} {asked.route} {asked.key}"
    return int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)


def _again(asked: _Asked, found: AnyRow) -> Response:
    """The answer that was given before. Raises Invalid where something else was asked for."""
    if found.fingerprint != asked.fingerprint:
        raise Invalid(code="idempotency_key_reused")
    return current_app.response_class(found.body, found.status, dict(found.headers))


def forget_old() -> int:
    """Drop keys whose time is over, so many at a time; returns how many."""
    held = IdempotencyKey
    return retention.forget(held, held.at < now() - KEPT, by=held.at)
