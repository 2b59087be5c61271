"""An officer's round: their open cases from where they stand, the late ones first; nearest first, or as a short way."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any

from sqlalchemy import and_, or_, select

from participate.cases import stead
from participate.cases.concern import not_kept
from participate.cases.models import Case
from participate.cases.queries import COLUMNS
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, rows
from participate.places.coordinates import Point, metres, to_wgs84
from participate.submissions.kinds import SEALED
from participate.submissions.models import Submission

ORDERS = ("nearest", "route")
MOST = 50  # So many stops make more than a day.
_TO_VISIT = ("dispatched", "accepted", "in_progress", "paused", "rework")
# For a deputy, what those have for whom they stand in; what is sealed is no stop on another's round.
_THEIRS_TOO = or_(Case.assignee == stead.ME, and_(Case.assignee.in_(stead.ABSENT), Case.kind != SEALED))


@dataclass(frozen=True)
class Stop:
    """A case, and how many metres it lies from the one before it (or from where the round begins), if anywhere."""

    case: AnyRow
    place: Point | None
    away: float | None


def stops(caller: Caller, asked: dict[str, Any]) -> list[Stop]:
    """The caller's MOST most pressing cases, seen from `lat`, `lon` in `crs`. Raises Invalid for what is no place.

    In the order "nearest", distances are from there, in the order "route" from stop to stop. Those that are late come
    first, those that lie nowhere last.
    """
    here, moment = to_wgs84(asked["lat"], asked["lon"], asked["crs"]), now()
    found = rows(_open(caller.grants, bool(caller.stands_for)), stead.asking(caller))
    placed = [row for row in found if row.lat is not None]
    late, others = ([row for row in placed if (row.due_at < moment) == is_late] for is_late in (True, False))
    nowhere = [Stop(row, None, None) for row in found if row.lat is None]
    if asked["order"] == "nearest":
        return [*_nearest(here, late), *_nearest(here, others), *nowhere]
    way = _short_way(here, late)
    way += _short_way(_place(way[-1]) if way else here, others)
    legs = pairwise([here, *map(_place, way)])
    return [Stop(row, _place(row), metres(*leg)) for row, leg in zip(way, legs, strict=True)] + nowhere


@lru_cache(maxsize=256)
def _open(grants: tuple[Grant, ...], stands: bool) -> AnySelect:
    asked = [stead.asked_by_me(Case.submission_id)] if stands else []
    return (
        select(*COLUMNS, Submission.lat, Submission.lon, *asked)
        .join(Submission, Submission.id == Case.submission_id)
        .where(_THEIRS_TOO if stands else Case.assignee == stead.ME, not_kept(grants))
        .where(Case.open, Case.state.in_(_TO_VISIT))
        .order_by(Case.due_at, Case.id)
        .limit(MOST)
    )


def _place(row: AnyRow) -> Point:
    return Point(row.lat, row.lon)


def _nearest(here: Point, placed: Sequence[AnyRow]) -> list[Stop]:
    made = [Stop(row, _place(row), metres(here, _place(row))) for row in placed]
    return sorted(made, key=lambda stop: (stop.away, stop.case.id))


def _short_way(start: Point, placed: Sequence[AnyRow]) -> list[AnyRow]:
    """Always to the nearest that is left, then without crossings (2-opt: Croes 1958); it need not lead back."""
    left, way, here = list(placed), list[AnyRow](), start
    while left:
        following = min(left, key=lambda row: (metres(here, _place(row)), row.id))
        left.remove(following)
        way.append(following)
        here = _place(following)
    return _uncrossed(start, way)


def _uncrossed(start: Point, way: list[AnyRow]) -> list[AnyRow]:
    """Turn a stretch round as long as that makes the way shorter."""
    points = [start, *map(_place, way)]
    better = True
    while better:
        better = False
        for first, last in combinations(range(1, len(points)), 2):
            if _gain(points, first, last) > 1e-6:
                points[first : last + 1] = points[first : last + 1][::-1]
                way[first - 1 : last] = way[first - 1 : last][::-1]
                better = True
    return way


def _gain(points: Sequence[Point], first: int, last: int) -> float:
    """How many metres shorter the way gets if it is turned round from `first` to `last`."""
    before = metres(points[first - 1], points[first])
    after = metres(points[first - 1], points[last])
    if last + 1 < len(points):
        before += metres(points[last], points[last + 1])
        after += metres(points[first], points[last + 1])
    return before - after
