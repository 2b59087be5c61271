"""What the staff have without a case, and have said nothing of to its author for too long."""

from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select

from participate.kernel.auth import Caller, Grant
from participate.kernel.db import AnyRow, AnySelect
from participate.kernel.scopes import in_scope
from participate.submissions.models import Submission
from participate.submissions.queries import OWN
from participate.submissions.views import in_list

ROLES = ("moderator", "desk_head")
KEYS = (Submission.told_at, Submission.id)


@lru_cache(maxsize=256)
def silent(grants: tuple[Grant, ...]) -> AnySelect:
    """Proposals that wait for their number, and consultations, of which the author was told `:since` then or before."""
    held = Submission
    here = in_scope(Caller(grants=grants), ROLES, held.area)
    return select(*OWN, held.told_at).where(held.told_at <= bindparam("since"), here)


def present(row: AnyRow) -> dict[str, Any]:
    """As the API lists it."""
    return in_list(row, in_full=True) | {"told_at": row.told_at}
