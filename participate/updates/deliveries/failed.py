"""What could not be sent, for staff in scope: to see it, and to have it sent again."""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select, true, update

from participate.audit import service as audit
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, one, rows, transaction
from participate.kernel.errors import Conflict, Missing
from participate.submissions.queries import within
from participate.submissions.supervisions.barring import barred
from participate.updates.deliveries import planning
from participate.updates.deliveries.models import FAILED, WAITING, Delivery, among

ROLE = "admin"
KEYS = (Delivery.id,)
_SHOWN = ("id", "channel", "state", "error", "attempts", "concern", "submission_id", "area", "at", "due_at")


def _reach(caller: Caller) -> ColumnElement[bool]:
    """The condition that it concerns an area that the caller, `:me`, looks after; what concerns none, who does all.

    Never what is about a supervision that is kept from them.
    """
    held, areas = Delivery, caller.areas(ROLE)
    theirs = true() if "" in areas else or_(false(), *(within(held.area, area) for area in areas))
    return and_(theirs, ~barred(caller.grants, held.submission_id))


@lru_cache(maxsize=256)
def listed(grants: tuple[Grant, ...], state: str | None, channel: str | None) -> AnySelect:
    """What the caller with these grants sees of it, narrowed."""
    held = Delivery
    found = select(*(getattr(held, name) for name in _SHOWN), held.move.label("fact"))
    found = found.where(among(held.state, FAILED), _reach(Caller(grants=grants)))
    found = found.where(held.state == state) if state else found
    return found.where(held.channel == channel) if channel else found


def present(row: AnyRow) -> dict[str, Any]:
    """As the API shows it."""
    found: dict[str, Any] = row._asdict()
    return found


_ONE = select(Delivery.id, Delivery.state, Delivery.channel).where(Delivery.id == bindparam("id"))


def resend(caller: Caller, delivery_id: str) -> dict[str, Any]:
    """Put it in line again, under the same key; returns its id and state.

    Raises Missing outside the caller's scope and for what never failed, Conflict once somebody has done it.
    """
    held = Delivery
    found = one(_ONE.where(_reach(caller)), {"id": delivery_id, "me": caller.account_id})
    if found is None:
        raise Missing
    moment = now()
    back = update(held).where(held.id == delivery_id, among(held.state, FAILED))
    with transaction():
        if not rows(back.values(state=WAITING, attempts=0, next_at=moment, due_at=moment).returning(held.id)):
            raise Conflict("not_failed")
        audit.record("delivery.resent", "delivery", delivery_id, caller.account_id, state=found.state)
        planning.ring([{"state": WAITING, "next_at": moment}])
    return {"id": delivery_id, "state": WAITING}
