"""Tokens for a session: a short access token and the one refresh token that its row knows."""

from datetime import timedelta
from typing import Any

from flask_jwt_extended import create_access_token, create_refresh_token

from participate.kernel.context import settings


def issue(account_id: str, session_id: str, refresh_jti: str) -> dict[str, Any]:
    """The pair as the API hands it out."""
    lifetimes = settings()
    access = create_access_token(
        account_id,
        expires_delta=timedelta(seconds=lifetimes.access_seconds),
        additional_claims={"sid": session_id},
    )
    refresh = create_refresh_token(
        account_id,
        expires_delta=timedelta(seconds=lifetimes.refresh_seconds),
        additional_claims={"sid": session_id, "rid": refresh_jti},
    )
    return {
        "access_token": access,
        "refresh_token": refresh,
        "token_type": "Bearer",
        "expires_in": lifetimes.access_seconds,
    }
