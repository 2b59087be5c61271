"""HTTP: sign-in, and the caller's own account."""

from typing import Any

from flask import Response, g

from participate.accounts import queries, schemas, service
from participate.kernel.api import Room, empty
from participate.kernel.auth import OPEN, REFRESH, SIGNED_IN, account, caller
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.overload import SIGN_IN
from participate.kernel.problems import language
from participate.kernel.rates import spend_on_signing_in

auth = Room("auth", "/v1/auth", "Signing in and out")
me = Room("me", "/v1/me", "The caller's own account")


def _secret(body: dict[str, Any], status: int = 200) -> Response:
    """An answer that no cache may keep."""
    response = answer(body, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@auth.route(
    "/otp",
    "POST",
    door=OPEN,
    urgency=SIGN_IN,
    body=schemas.PhoneBody,
    answer=schemas.ChallengeAnswer,
    status=202,
)
def request_code(body: dict[str, Any]) -> Response:
    """Send a one-time code to a phone."""
    spend_on_signing_in(service.normal_phone(body["phone"]))
    return _secret(service.request_code(body["phone"], language()), 202)


@auth.route(
    "/otp/verify",
    "POST",
    door=OPEN,
    urgency=SIGN_IN,
    body=schemas.CodeBody,
    answer=schemas.TokensAnswer,
    also=(401,),
)
def verify_code(body: dict[str, Any]) -> Response:
    """Sign in with the code; the first time makes a resident."""
    return _secret(service.verify_code(body["challenge_id"], body["code"], language()))


@auth.route(
    "/login",
    "POST",
    door=OPEN,
    urgency=SIGN_IN,
    body=schemas.PasswordBody,
    answer=schemas.TokensAnswer,
    also=(401,),
)
def sign_in(body: dict[str, Any]) -> Response:
    """Sign staff in."""
    spend_on_signing_in(body["username"])
    return _secret(service.sign_in(body["username"], body["password"], body.get("totp")))


@auth.route("/refresh", "POST", door=REFRESH, urgency=SIGN_IN, answer=schemas.TokensAnswer, once=False)
def refresh() -> Response:
    """Turn the refresh token (sent as bearer) into a new pair; using an old one ends the session."""
    claims = g.claims
    return _secret(service.refresh(claims["sub"], claims["sid"], claims.get("rid", "")))


@auth.route("/logout", "POST", door=SIGNED_IN, status=204, once=False)
def sign_out() -> Response:
    """End the present session."""
    service.end_session(account(), caller().session_id or "")
    return empty()


@auth.route("/sessions", door=SIGNED_IN, answer=schemas.SessionsAnswer, also=(304,))
def list_sessions() -> Response:
    """The caller's live sessions."""
    return answer({"items": queries.sessions(account(), caller().session_id), "next": None})


@auth.route("/sessions/<id:session_id>", "DELETE", door=SIGNED_IN, status=204)
def end_session(session_id: str) -> Response:
    """Sign one device out."""
    service.end_session(account(), session_id)
    return empty()


@me.route("", door=SIGNED_IN, answer=schemas.AccountShape, also=(304,))
def show_me() -> Response:
    """The caller's account."""
    found = queries.profile(account())
    return answer(found, found["version"])


@me.route("", "PATCH", door=SIGNED_IN, body=schemas.ProfileBody, answer=schemas.AccountShape, also=(412,))
def change_me(body: dict[str, Any]) -> Response:
    """Change display name or language."""
    service.change_profile(account(), body, wanted_version())
    return show_me()
