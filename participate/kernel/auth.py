"""The guard at every door: who is calling, with which roles and scopes, settled before a body is read."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

from flask import Flask, current_app, g, request
from flask_jwt_extended import JWTManager, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError

from participate.kernel.errors import Forbidden, Unauthenticated


@dataclass(frozen=True)
class Grant:
    """One role in one scope: an area's code (its subtree; "" is everywhere) or a unit's id."""

    role: str
    area: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Caller:
    """Whoever makes the request; `account_id` is None for nobody in particular.

    `stands_for` are the accounts of those who are away now, and whose deputy it is.
    """

    account_id: str | None = None
    session_id: str | None = None
    grants: tuple[Grant, ...] = ()
    stands_for: tuple[str, ...] = ()

    def has(self, *roles: str) -> bool:
        """Whether one of `roles` is granted in any scope."""
        return any(grant.role in roles for grant in self.grants)

    def areas(self, *roles: str) -> tuple[str, ...]:
        """The area codes for which one of `roles` is granted."""
        return tuple(g.area for g in self.grants if g.role in roles and g.area is not None)

    def units(self, *roles: str) -> tuple[str, ...]:
        """The units for which one of `roles` is granted."""
        return tuple(g.unit for g in self.grants if g.role in roles and g.unit is not None)


@dataclass(frozen=True)
class Door:
    """Who may come in: nobody asked (`open`), asked if they say so (`optional`), or one of `roles` (all if empty).

    `key` names a setting whose value, sent as the bearer token, opens this door to a machine. `besides` is a value that
    the database tells of the `:account` in the same statement in which it says who that is, see `besides()`.
    """

    kind: str
    roles: frozenset[str] = frozenset()
    token: str = "access"  # noqa: S105 - the kind of token, not a token
    key: str = ""
    besides: Any = field(default=None, compare=False)

    @property
    def is_closed(self) -> bool:
        """Whether nobody comes in but with a token of ours."""
        return self.kind == "signed_in" and not self.key


OPEN = Door("open")
OPTIONAL = Door("optional")
SIGNED_IN = Door("signed_in")
REFRESH = Door("signed_in", token="refresh")  # noqa: S106 - the kind of token, not a token


def staff(*roles: str) -> Door:
    """A door for those who hold one of `roles` in some scope."""
    return Door("signed_in", frozenset(roles))


NOBODY = Caller()
Resolver = Callable[[str, str, Any], tuple[Caller, Any] | None]
_EXTENSION = "participate.resolver"
_KNOWN = "participate.tokens"
_MOST_KNOWN = 10_000


def init_auth(app: Flask, secret_key: str, resolve: Resolver) -> None:
    """Guard `app`; `resolve(account_id, session_id, besides)` gives the Caller of a live session and that value."""
    app.config["JWT_SECRET_KEY"] = secret_key
    app.config["JWT_ENCODE_NBF"] = False
    JWTManager(app)
    app.extensions[_EXTENSION] = resolve
    app.extensions[_KNOWN] = {}


def open_door(app: Flask, door: Door) -> None:
    """Let the present request through `door`, or refuse it; the Caller is then at `caller()`."""
    g.caller = NOBODY
    if door.kind == "open":
        return
    header = request.headers.get("Authorization")
    if header is None:
        if door.kind == "optional":
            return
        raise Unauthenticated("sign_in")
    if door.key and _is_key(header, app.config[door.key]):
        return
    claims = _claims(header, door.token)
    found = app.extensions[_EXTENSION](claims["sub"], claims["sid"], door.besides)
    if found is None:
        raise Unauthenticated("session_ended")
    who, g.besides = found
    if door.roles and not who.has(*door.roles):
        raise Forbidden("role_lacking")
    g.caller, g.claims = who, claims


def _is_key(header: str, key: str) -> bool:
    """Whether the header carries `key`, told in a time that does not depend on how much of it is right."""
    return bool(key) and compare_digest(header.encode(), f"Bearer {key}".encode())


def _claims(header: str, kind: str) -> dict[str, Any]:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("bad_token")
    try:
        claims = _verified(token.strip())
    except (JWTExtendedException, PyJWTError, ValueError) as error:
        expired = type(error).__name__ == "ExpiredSignatureError"
        raise Unauthenticated("token_expired" if expired else "bad_token") from error
    if claims.get("type") != kind or "sid" not in claims:
        raise Unauthenticated("bad_token")
    return claims


def is_signed(app: Flask, header: str) -> bool:
    """Whether an Authorization header carries a token of ours."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return False
    try:
        with app.app_context():
            _verified(token.strip())
    except (JWTExtendedException, PyJWTError, ValueError):
        return False
    return True


def _verified(token: str) -> dict[str, Any]:
    """The claims of a token whose signature and time are right.

    A signature that was right once stays right, so it is checked once in each process; the time, always.
    """
    known: dict[str, dict[str, Any]] = current_app.extensions[_KNOWN]
    claims = known.get(token)
    if claims is None or claims["exp"] <= time.time():
        known.pop(token, None)
        claims = decode_token(token)
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[token] = claims
    return claims


def caller() -> Caller:
    """Who makes the present request."""
    found: Caller = g.caller
    return found


def seconds_left() -> float:
    """How long the token that opened the present door still serves."""
    return float(g.claims["exp"] - time.time())


def besides() -> Any:
    """What the present door has asked for besides, see `Door`."""
    return g.besides


def account() -> str:
    """The id of the account that makes the present request, behind a door that lets nobody else in."""
    found = caller().account_id
    if found is None:
        raise Unauthenticated("sign_in")
    return found
