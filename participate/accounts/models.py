"""Rows about people, what they may do, and their sessions."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model, UtcTime, code
from participate.kernel.ids import new_id

ROLES = (
    "resident",
    "member",
    "moderator",
    "desk_head",
    "grid_officer",
    "dispatcher",
    "handler",
    "supervisor",
    "evaluator",
    "auditor",
    "admin",
)


def _while_open(name: str, *columns: str, unique: bool = False) -> Index:
    """An index of what has not ended."""
    is_open = text("ended_at IS NULL")
    return Index(name, *columns, unique=unique, sqlite_where=is_open, postgresql_where=is_open)


class Account(Model):
    """A person: a resident by phone, or staff by username and password.

    `totp_step` is the time step (RFC 6238) of the second factor that was last used: it and older ones serve no more.
    """

    __tablename__ = "accounts"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    username: Mapped[str | None] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int | None]
    display_name: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (CheckConstraint("phone IS NOT NULL OR username IS NOT NULL", name="reachable"),)


class RoleGrant(Model):
    """A role in a scope: the subtree of an area ("" is everywhere), or a unit."""

    __tablename__ = "role_grants"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    area: Mapped[str | None] = mapped_column(code(18))
    unit: Mapped[str | None] = mapped_column(Id)

    __table_args__ = (
        CheckConstraint("(area IS NULL) <> (unit IS NULL)", name="one_scope"),
        CheckConstraint(f"role IN {ROLES!r}", name="role"),
        Index("ix_role_grants_role_area", "role", "area"),
        Index("ix_role_grants_role_unit", "role", "unit"),
        Index("ix_role_grants_role_account", "role", "account_id"),
    )


class Absence(Model):
    """Somebody of the desks is away from `starts_at` to `ends_at`, and their deputy does what they hold meanwhile.

    `area` is the smallest that holds all that they answer for, so that who watches over it sees to that. `ended_at` is
    set once it is over, and `reason` is gone then. One account has one that is not over.
    """

    __tablename__ = "absences"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    deputy_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"))
    named_by: Mapped[str] = mapped_column(Id)
    area: Mapped[str] = mapped_column(code(18))
    starts_at: Mapped[datetime] = mapped_column(UtcTime)
    ends_at: Mapped[datetime] = mapped_column(UtcTime)
    reason: Mapped[str | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint("account_id <> deputy_id", name="another"),
        _while_open("uq_absences_account", "account_id", unique=True),
        _while_open("ix_absences_deputy", "deputy_id"),
        _while_open("ix_absences_area", "area", "id"),
    )


class SignInSession(Model):
    """A sign-in on one device; `refresh_jti` is the only refresh token that still serves."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("accounts.id"), index=True)
    refresh_jti: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)


class OtpChallenge(Model):
    """A one-time code on its way to a phone; only a keyed hash of the code is kept."""

    __tablename__ = "otp_challenges"
    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    phone: Mapped[str] = mapped_column(String(20))
    code_hash: Mapped[str] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (Index("ix_otp_challenges_phone_created_at", "phone", "created_at"),)
