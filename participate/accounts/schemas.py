"""Shapes of sign-in and of a person's own account."""

from marshmallow import fields

from participate.kernel.shapes import Flag, Shape, identifier, length, matches, one_of, text
from participate.kernel.words import LANGUAGES

_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…"  # noqa: S105 - an example


class PhoneBody(Shape):
    """Where the code goes: E.164, or a mainland mobile number."""

    phone = fields.String(
        required=True, validate=matches(r"\+?[0-9][0-9 -]{5,18}"), metadata={"example": "+8613800000001"}
    )


class ChallengeAnswer(Shape):
    """A code is on its way."""

    challenge_id = identifier(required=True)
    expires_in = fields.Integer(required=True, metadata={"example": 600, "description": "seconds"})
    demo_code = fields.String(metadata={"example": "042137", "description": "the code itself; in demo mode alone"})


class CodeBody(Shape):
    """The code that the phone got."""

    challenge_id = identifier(required=True)
    code = fields.String(required=True, validate=matches(r"[0-9]{6}"), metadata={"example": "042137"})


class PasswordBody(Shape):
    """Staff's credentials."""

    username = fields.String(required=True, validate=length(1, 64), metadata={"example": "moderator1"})
    password = fields.String(required=True, validate=length(1, 200), metadata={"example": "correct horse battery"})
    totp = fields.String(validate=matches(r"[0-9]{6}"), metadata={"example": "042137"})


class ScopeShape(Shape):
    """Where a role holds: in an area's subtree or for a unit."""

    area = fields.String(metadata={"example": "990101"})
    unit = identifier()


class RoleShape(Shape):
    """A role and its scope."""

    role = fields.String(required=True, metadata={"example": "resident"})
    scope = fields.Nested(ScopeShape, required=True, metadata={"example": {"area": ""}})


class AccountShape(Shape):
    """The account as its owner sees it."""

    id = identifier(required=True)
    phone = fields.String(required=True, allow_none=True, metadata={"example": "+8613800000001"})
    username = fields.String(required=True, allow_none=True, metadata={"example": None})
    display_name = fields.String(required=True, metadata={"example": "居民"})
    language = fields.String(required=True, metadata={"example": "zh-Hans"})
    version = fields.Integer(required=True)
    roles = fields.List(fields.Nested(RoleShape), required=True)


class TokensAnswer(Shape):
    """A session's tokens and whose they are."""

    access_token = fields.String(required=True, metadata={"example": _TOKEN})
    refresh_token = fields.String(required=True, metadata={"example": _TOKEN})
    token_type = fields.String(required=True, metadata={"example": "Bearer"})
    expires_in = fields.Integer(required=True, metadata={"example": 900, "description": "seconds"})
    account = fields.Nested(AccountShape, required=True)


class SessionShape(Shape):
    """A sign-in on one device."""

    id = identifier(required=True)
    created_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True)
    present = Flag(required=True, metadata={"description": "whether this is the session that asks"})


class SessionsAnswer(Shape):
    """All live sessions."""

    items = fields.List(fields.Nested(SessionShape), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"example": None})


class ProfileBody(Shape):
    """What a person may change about themselves."""

    display_name = text(1, 60, metadata={"example": "小李"})
    language = fields.String(validate=one_of(*LANGUAGES))
