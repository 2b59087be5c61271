"""A webhook's address and secrets, as its `ChannelChoice` keeps them; a secret that is replaced signs on for a day."""

import secrets
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from participate.kernel.clock import now, rfc3339

SERVES_ON = timedelta(hours=24)
_BYTES = 32
_MOST_FORMER = 3


def fresh() -> str:
    """A secret as Standard Webhooks wants it."""
    return f"whsec_{b64encode(secrets.token_bytes(_BYTES)).decode()}"


def rotated(address: Mapping[str, Any], secret: str) -> dict[str, Any]:
    """The address with `secret` in the place of its present one, which signs along for SERVES_ON."""
    former = [{"secret": address["secret"], "until": rfc3339(now() + SERVES_ON)}, *_serving(address)]
    return dict(address) | {"secret": secret, "former": former[:_MOST_FORMER]}


def _serving(address: Mapping[str, Any]) -> list[dict[str, str]]:
    return [each for each in address.get("former", ()) if datetime.fromisoformat(each["until"]) > now()]


def signing(address: Mapping[str, Any]) -> list[str]:
    """All secrets that sign now, the present one first."""
    return [str(address["secret"]), *(each["secret"] for each in _serving(address))]
