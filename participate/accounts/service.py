"""Signing in and out, and who is granted what."""

import hmac
import secrets
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Any

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from participate.accounts import queries, tokens
from participate.accounts.models import Account, OtpChallenge, RoleGrant, SignInSession
from participate.accounts.sms import SmsSender
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import db, is_sqlite, one, rows, transaction
from participate.kernel.errors import Fault, Invalid, Missing, Stale, TooMany, Unauthenticated
from participate.kernel.ids import new_id
from participate.kernel.words import DEFAULT, say
from participate.kernel.workflow import locked

MAX_ATTEMPTS = 5
MAX_CODES = 5
# OWASP's parameters for argon2id: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Of the same cost, and no account's: an unknown name takes as long as a wrong password.
_NOBODYS_HASH = "$argon2id$v=19$m=19456,t=2,p=1$gXal5txoxEFUaOSeS315MA$7HvWyRAGPna9rK6+wPdjj7ed5jNBIuFjXyZ5xiHOjTI"


def request_code(phone: str, language: str) -> dict[str, Any]:
    """Send a one-time code; the answer is the same whether the phone is known or not.

    Raises TooMany where five codes for one phone lie unused within the lifetime of a code.
    """
    number = normal_phone(phone)
    life = settings().otp_seconds
    code = f"{secrets.randbelow(10**6):06d}"
    challenge = OtpChallenge(id=new_id(), phone=number, created_at=now(), expires_at=now() + timedelta(seconds=life))
    challenge.code_hash = _code_hash(challenge.id, code)
    with transaction() as session:
        _bound_codes(number, life)
        session.add(challenge)
    sender: SmsSender = current_app.extensions["participate.sms"]
    said = say("accounts.sms_code", language, code=code, minutes=life // 60)
    sender.send(number, said, challenge.id)
    answer: dict[str, Any] = {"challenge_id": challenge.id, "expires_in": life}
    return answer | ({"demo_code": code} if settings().demo else {})


def _bound_codes(phone: str, life: int) -> None:
    """Codes that were used count no more: who signs in often is no guesser."""
    held = OtpChallenge
    unused = select(func.count()).where(
        held.phone == phone, held.created_at > now() - timedelta(seconds=life), held.used_at.is_(None)
    )
    recent = one(unused)
    if settings().rate_limits and recent is not None and recent[0] >= MAX_CODES:
        raise TooMany("too_many_codes", retry_after=life)


def normal_phone(phone: str) -> str:
    """`phone` in E.164; eleven digits that begin with 1 are a mainland mobile number."""
    digits = phone.replace(" ", "").replace("-", "")
    if digits.startswith("+"):
        return digits
    return f"+86{digits}" if len(digits) == 11 and digits.startswith("1") else f"+{digits}"


def _code_hash(challenge_id: str, code: str) -> str:
    return hmac.new(settings().secret_key.encode(), f"otp {challenge_id} {code}".encode(), "sha256").hexdigest()


def verify_code(challenge_id: str, code: str, language: str = DEFAULT) -> dict[str, Any]:
    """Sign in with a code; the first time makes a resident. Raises Unauthenticated, whatever was wrong."""
    phone = _spend_attempt(challenge_id, code)
    with transaction():
        if not _use_up(challenge_id):
            raise Unauthenticated("wrong_code")
        return _open_session(_resident(phone, language))


def _spend_attempt(challenge_id: str, code: str) -> str:
    """Count the try before the code is compared, so that parallel guesses cannot share one try."""
    held = OtpChallenge
    with transaction():
        spent = rows(
            update(held)
            .where(
                held.id == challenge_id,
                held.attempts < MAX_ATTEMPTS,
                held.used_at.is_(None),
                held.expires_at > now(),
            )
            .values(attempts=held.attempts + 1)
            .returning(held.phone, held.code_hash)
        )
    if not spent or not hmac.compare_digest(spent[0].code_hash, _code_hash(challenge_id, code)):
        raise Unauthenticated("wrong_code")
    return str(spent[0].phone)


def _use_up(challenge_id: str) -> bool:
    held = OtpChallenge
    used = update(held).where(held.id == challenge_id, held.used_at.is_(None)).values(used_at=now())
    return bool(rows(used.returning(held.id)))


def _resident(phone: str, language: str) -> str:
    """The id of the account with this phone, made now if there is none; two first sign-ins at once make one."""
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    values = {
        "id": new_id(),
        "phone": phone,
        "display_name": say("accounts.resident", language),
        "language": language,
        "version": 1,
        "created_at": now(),
    }
    made = rows(insert(Account).values(values).on_conflict_do_nothing().returning(Account.id))
    if made:
        db.session.add(RoleGrant(account_id=made[0].id, role="resident", area=""))
        return str(made[0].id)
    found = one(select(Account.id, Account.disabled_at).where(Account.phone == phone))
    if found is None or found.disabled_at is not None:
        raise Unauthenticated("wrong_code")
    return str(found.id)


def create_resident(phone: str, language: str = DEFAULT) -> str:
    """The account with this phone, made if there is none; returns its id."""
    with transaction():
        return _resident(normal_phone(phone), language)


def create_nameless(language: str = DEFAULT) -> str:
    """An account for what somebody hands in who gives none: without phone and password, so nobody signs in to it."""
    made = Account(id=new_id(), username=f"nameless-{secrets.token_hex(16)}", language=language, created_at=now())
    made.display_name = say("accounts.resident", language)
    with transaction() as session:
        session.add(made)
        session.flush()
    return str(made.id)


def _open_session(account_id: str) -> dict[str, Any]:
    opened = SignInSession(
        id=new_id(),
        account_id=account_id,
        refresh_jti=new_id(),
        created_at=now(),
        expires_at=now() + timedelta(seconds=settings().refresh_seconds),
    )
    db.session.add(opened)
    db.session.flush()
    pair = tokens.issue(account_id, opened.id, opened.refresh_jti)
    return pair | {"account": queries.profile(account_id)}


def sign_in(username: str, password: str, totp: str | None = None) -> dict[str, Any]:
    """Sign staff in. Raises Unauthenticated, in the same time and words whatever was wrong."""
    held = Account
    found = one(
        select(held.id, held.password_hash, held.totp_secret, held.disabled_at).where(held.username == username)
    )
    right = _password_matches(found.password_hash if found is not None else None, password)
    if found is None or not right or found.disabled_at is not None:
        raise Unauthenticated("wrong_password")
    with transaction():
        if found.totp_secret is not None and not _use_up_totp(found.id, found.totp_secret, totp or ""):
            raise Unauthenticated("wrong_password")
        return _open_session(found.id)


def _password_matches(password_hash: str | None, password: str) -> bool:
    try:
        return _hasher.verify(password_hash or _NOBODYS_HASH, password) and password_hash is not None
    except Argon2Error:
        return False


def _use_up_totp(account_id: str, secret: str, totp: str) -> bool:
    """Whether `totp` is right and serves for the first time (RFC 6238 §5.2); a clock may be half a minute wrong."""
    generator, held = pyotp.TOTP(secret), Account
    steps = [generator.timecode(now()) + drift for drift in (-1, 0, 1)]
    step = next(
        (step for step in steps if hmac.compare_digest(generator.generate_otp(step).encode(), totp.encode())), None
    )
    if step is None:
        return False
    unused = update(held).where(held.id == account_id, func.coalesce(held.totp_step, 0) < step)
    return bool(rows(unused.values(totp_step=step).returning(held.id)))


def refresh(account_id: str, session_id: str, refresh_jti: str) -> dict[str, Any]:
    """A new pair for the session's present refresh token.

    Raises Unauthenticated for an old one, and ends the session: either the owner or a thief has used it before.
    """
    held, fresh = SignInSession, new_id()
    with transaction():
        turned = rows(
            update(held)
            .where(held.id == session_id, held.refresh_jti == refresh_jti, held.ended_at.is_(None))
            .values(refresh_jti=fresh, expires_at=now() + timedelta(seconds=settings().refresh_seconds))
            .returning(held.id)
        )
        if not turned:
            end_session(account_id, session_id)
    if not turned:
        raise Unauthenticated("session_ended")
    return tokens.issue(account_id, session_id, fresh) | {"account": queries.profile(account_id)}


def end_session(account_id: str, session_id: str) -> None:
    """Sign one of the account's devices out. Raises Missing for another's session."""
    held = SignInSession
    with transaction():
        owned = update(held).where(held.id == session_id, held.account_id == account_id)
        if not rows(owned.values(ended_at=func.coalesce(held.ended_at, now())).returning(held.id)):
            raise Missing


def change_profile(account_id: str, changes: dict[str, str], expected_version: int | None = None) -> None:
    """Set display name and language. Raises Stale."""
    with transaction():
        account = locked(Account, account_id)
        if expected_version not in {None, account.version}:
            raise Stale
        for name, value in changes.items():
            setattr(account, name, value)
        account.version += 1


@cache
def _hashed(password: str) -> str:
    """Hashing is slow on purpose; a seed gives one password to many."""
    return _hasher.hash(password)


def opened_by(password: str, usernames: Iterable[str]) -> list[str]:
    """Which of these accounts `password` opens; for `participate doctor`, which looks for passwords known to all."""
    held = Account
    named = select(held.username, held.password_hash).where(held.username.in_(list(usernames)))
    found = rows(named.where(held.disabled_at.is_(None)).order_by(held.username))
    opened = {hashed for hashed in {row.password_hash for row in found} if _password_matches(hashed, password)}
    return [str(row.username) for row in found if row.password_hash in opened]


def create_staff(username: str, password: str, display_name: str, grants: Iterable[Grant]) -> str:
    """A staff account with its roles; returns its id. Raises Invalid where the name is taken."""
    with transaction() as session:
        if queries.has_login(username):
            raise Invalid(Fault("username", "taken"))
        account = Account(
            id=new_id(),
            username=username,
            password_hash=_hashed(password),
            display_name=display_name,
            language=DEFAULT,
            created_at=now(),
        )
        session.add(account)
        session.flush()
        session.add_all(RoleGrant(account_id=account.id, role=g.role, area=g.area, unit=g.unit) for g in grants)
    return account.id
