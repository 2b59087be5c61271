"""Clusters of cases that the service points out to who runs consultations, and a consultation that is opened from one.

A cluster is many reports of one category from one community within some days: mending each may not be the answer.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from participate.audit import service as audit
from participate.consultations.models import Origin
from participate.consultations.workflow import MODERATOR
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, AnySelect, db, one, rows, transaction
from participate.kernel.errors import Conflict, Forbidden, Missing
from participate.kernel.ids import first_id
from participate.kernel.scopes import in_scope, roles_for
from participate.kernel.workflow import locked
from participate.places.models import Area
from participate.submissions import service as submissions
from participate.submissions.models import Submission, region

MOST_NAMED = 50
COMMUNITY = 12  # digits of its code
_ENDED = ("rejected", "withdrawn", "merged", "closed")
_AREA = region(Submission.area, COMMUNITY)
_REPORTS = (
    Submission.public.is_(True),
    Submission.kind == "snap_report",
    Submission.state != "merged",
    Submission.category.is_not(None),
    func.length(Submission.area) >= COMMUNITY,
    Submission.id >= bindparam("first"),
)
_MANY = func.count().label("cases")
_CLUSTERS = (
    select(
        *(Submission.category, _AREA.label("area"), _MANY, func.sum(Submission.joined + 1).label("people")),
        *(func.avg(Submission.lat).label("lat"), func.avg(Submission.lon).label("lon")),
        *(func.min(Submission.created_at).label("since"), func.max(Submission.created_at).label("until")),
    )
    .where(*_REPORTS)
    .group_by(Submission.category, _AREA)
    .having(bindparam("least") <= _MANY)
    .order_by(_MANY.desc(), Submission.category, _AREA)
    .limit(MOST_NAMED)
)
_RUNNING = (
    select(Origin.category, Origin.area, Origin.id)
    .join(Submission, Submission.id == Origin.id)
    .where(Submission.state.not_in(_ENDED))
)
_ORIGIN = select(Origin.category, Origin.area, Origin.cases, Origin.since, Origin.until).where(
    Origin.id == bindparam("id")
)


def pointed_out(caller: Caller) -> list[dict[str, Any]]:
    """The clusters in whose areas the caller moderates, the largest first, each with the consultation that is on it."""
    found = _found(_CLUSTERS.where(in_scope(caller, (MODERATOR,), Submission.area)))
    on_it = _RUNNING.where(Origin.area.in_([row.area for row in found]))
    running = {(row.category, row.area): row.id for row in rows(on_it)} if found else {}
    return [_told(row) | {"submission_id": running.get((row.category, row.area))} for row in found]


def open_from(caller: Caller, category: str, area: str, content: dict[str, Any]) -> str:
    """Hand in a consultation on a cluster, which another moderator accepts; returns its id.

    Raises Forbidden for who does not moderate there, Missing for what is no cluster (any more), and Conflict
    (`consulted_already`) where there is a consultation on it already.
    """
    if MODERATOR not in roles_for(caller, area):
        raise Forbidden("move_not_yours")
    with transaction():
        locked(Area, area)  # Of two at once, one finds the other's.
        found = _found(_CLUSTERS.where(Submission.category == category, region(Submission.area, COMMUNITY) == area))
        if not found:
            raise Missing
        if one(_RUNNING.where(Origin.category == category, Origin.area == area)) is not None:
            raise Conflict("consulted_already")
        place = {"lat": found[0].lat, "lon": found[0].lon, "crs": "wgs84"}
        made = submissions.submit(str(caller.account_id), "micro_consultation", content | {"place": place})
        db.session.flush()
        told = {name: value for name, value in _told(found[0]).items() if name != "people"}
        db.session.add(Origin(id=made.id, **told))
        audit.record("consultation.opened_from_cluster", "submission", made.id, caller.account_id, area=area)
    return str(made.id)


def origin(consultation_id: str) -> dict[str, Any] | None:
    """The cluster that a consultation was opened from, as it was then."""
    found = one(_ORIGIN, {"id": consultation_id})
    return None if found is None else dict(found._asdict())


def _found(statement: AnySelect) -> list[AnyRow]:
    since = now() - timedelta(days=settings().cluster_days)
    return list(rows(statement, {"first": first_id(since), "least": settings().cluster_cases}))


def _told(row: AnyRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("category", "area", "cases", "people", "since", "until")}
