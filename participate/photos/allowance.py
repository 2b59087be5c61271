"""How much an account may bring in a day."""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import bindparam, func, select

from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import one
from participate.kernel.errors import TooMany
from participate.photos.models import Photo

_BROUGHT = select(func.coalesce(func.sum(Photo.size), 0).label("size")).where(
    Photo.owner_id == bindparam("owner"), Photo.created_at >= bindparam("since")
)


def check_allowance(owner_id: str, size: int) -> None:
    """Let `owner_id` bring `size` bytes more today. Raises TooMany, which says how long it is until tomorrow.

    Who brings several photos at the same moment may get past it by as much as those.
    """
    today = _midnight()
    found = one(_BROUGHT, {"owner": owner_id, "since": today})
    if found is not None and int(found.size) + size > settings().max_daily_bytes:
        seconds = (today + timedelta(days=1) - now()).total_seconds()
        raise TooMany("daily_bytes_used", retry_after=max(1, ceil(seconds)))


def _midnight() -> datetime:
    """When today began, in the city's own time."""
    return now().astimezone(settings().timezone).replace(hour=0, minute=0, second=0, microsecond=0)
