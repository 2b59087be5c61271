"""How many tasks wait for a moderator, by each facet, added up from what is kept: see `moderation.counts`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, func, or_, select, union, union_all

from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, UtcTime, one, rows
from participate.kernel.scopes import subtree
from participate.moderation import counts
from participate.moderation.models import ModerationCount, ModerationTask
from participate.moderation.queries.queue import NO_CATEGORY, reach
from participate.moderation.queries.tasks import ME, mine_to_see
from participate.submissions.supervisions.barring import kept_from, units_of


def shown(caller: Caller, area: str | None) -> dict[str, Any]:
    """The counts as the API shows them, of what the queue shows the caller in `area`."""
    codes, nowhere = reach(caller.grants, area)
    found = Counter[tuple[str, str]]()
    for row in rows(_sums(tuple(codes), nowhere)):
        found[row.facet.removesuffix(f"_{counts.DISTRICT}"), row.value] += int(row.n)
    for task in not_mine(caller, codes, nowhere):
        found.subtract(counts.facets(task))
    return {
        "total": found[counts.ALL, ""],
        "urgent": found[counts.URGENCY, ""],
        "overdue": found[counts.OVERDUE, ""],
        "mine": _mine(caller, codes, nowhere),
        "by_kind": _by_value(found, counts.KIND),
        "by_category": _by_value(found, counts.CATEGORY),
        "by_flag": _by_value(found, counts.FLAG),
    }


def _by_value(found: Counter[tuple[str, str]], facet: str) -> dict[str, int]:
    return {value or NO_CATEGORY: n for (of, value), n in sorted(found.items()) if of == facet and n > 0}


@lru_cache(maxsize=256)
def _sums(codes: tuple[str, ...], nowhere: bool) -> AnySelect:
    """Down to a district, its own counts are added up; within one, those of its areas: each one range of an index."""
    held = ModerationCount
    parts = [_range(subtree(held.area, code), len(code) <= counts.DISTRICT) for code in codes]
    parts += [_range(held.area == "", True)] if nowhere and "" not in codes else []
    found = union_all(*parts, _range(false(), True)).subquery("found").c
    return select(found.facet, found.value, func.sum(found.n).label("n")).group_by(found.facet, found.value)


def _range(area: ColumnElement[bool], is_wide: bool) -> AnySelect:
    held = ModerationCount
    facets = [counts.by_district(facet) if is_wide else facet for facet in counts.FACETS]
    return select(held.facet, held.value, held.n).where(held.facet.in_(facets), area, held.n != 0)


def _inside(codes: Sequence[str], nowhere: bool) -> ColumnElement[bool]:
    held = ModerationTask
    lies = [subtree(held.area, code) for code in codes]
    return or_(held.id != held.id, *lies, *([held.area.is_(None)] if nowhere else []))


def not_mine(caller: Caller, codes: Sequence[str], nowhere: bool) -> Sequence[AnyRow]:
    """What waits there and is not for the caller to see: the few that are their own, or that they decided on before."""
    return rows(_withheld(tuple(codes), nowhere, caller.grants), {"me": caller.account_id})


@lru_cache(maxsize=256)
def _withheld(codes: tuple[str, ...], nowhere: bool, grants: tuple[Grant, ...]) -> AnySelect:
    held = ModerationTask
    each_by_itself = (select(held.id).where(held.state == "waiting", each) for each in _reasons(grants))
    those = union(*each_by_itself).subquery("those")
    columns = held.kind, held.category, held.area, held.flags, held.rank, held.warned
    found = select(*columns).join(those, those.c.id == held.id)
    return found.where(held.state == "waiting", _inside(codes, nowhere))


def _reasons(grants: Sequence[Grant]) -> Iterator[ColumnElement[bool]]:
    """Each with an index of its own; what is not decided yet has no moment of that."""
    held = ModerationTask
    yield and_(held.author_id == ME, held.decided_at.is_(None))
    yield and_(held.not_by.is_not(None), held.not_by == ME)
    yield and_(held.nor_by.is_not(None), held.nor_by == ME)
    yield held.submission_id.in_(kept_from(grants))
    units = units_of(grants)
    if units:
        yield and_(held.about_unit.is_not(None), held.about_unit.in_(units))


def _mine(caller: Caller, codes: Sequence[str], nowhere: bool) -> int:
    """How many the caller has in hand there: never many."""
    held = ModerationTask
    in_hand = held.state == "waiting", held.claimed_by == ME, held.lease_until > bindparam("now", type_=UtcTime)
    counted = select(func.count().label("n")).where(*in_hand, mine_to_see(caller.grants), _inside(codes, nowhere))
    found = one(counted, {"me": caller.account_id, "now": now()})
    return int(found.n) if found is not None else 0
