"""Reads of a unit's ledger: sums of months, and its public promises; small numbers tell nothing of anybody."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import and_, bindparam, case, exists, func, or_, select

from participate.cases.commitments.models import Commitment
from participate.cases.figures.counting import COUNTED_KINDS
from participate.cases.figures.models import KindFigure
from participate.cases.replies import CLASSES
from participate.catalogue import queries as catalogue
from participate.kernel import disclosure
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import one, rows
from participate.kernel.errors import Missing
from participate.kernel.workflow import TimelineEntry

_MEASURES = (
    "due",
    "answered_in_time",
    *(f"class_{each.lower()}" for each in CLASSES),
    "indep_rated",
    "indep_satisfied",
)
_SUMS = (
    select(KindFigure.period, KindFigure.measure, func.sum(KindFigure.n).label("n"))
    .where(KindFigure.subject == bindparam("subject"), KindFigure.kind.in_(COUNTED_KINDS))
    .where(KindFigure.period.in_(bindparam("periods", expanding=True)), KindFigure.measure.in_(_MEASURES))
    .group_by(KindFigure.period, KindFigure.measure)
)
_HELD = Commitment
_MISSED = exists().where(TimelineEntry.subject_id == _HELD.id, TimelineEntry.move == "miss")
_KEPT = and_(_HELD.kept_at.is_not(None), _HELD.kept_at <= _HELD.due_at)
# What was broken stays so, also where it is kept later or another promise takes its place.
_BROKEN = or_(_MISSED, _HELD.kept_at > _HELD.due_at, and_(_HELD.open.is_(True), _HELD.due_at < bindparam("now")))


def _number_of(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_PROMISES = select(
    _number_of(and_(_KEPT, ~_BROKEN)).label("kept"),
    _number_of(_BROKEN).label("broken"),
    _number_of(_HELD.postponed > 0).label("postponed"),
).where(
    *(_HELD.unit == bindparam("unit"), _HELD.open.in_((True, False)), _HELD.public.is_(True)),
    *(_HELD.due_at >= bindparam("since"), _HELD.due_at < bindparam("until")),
)


def of_unit(unit_id: str, months: Sequence[date], language: str) -> dict[str, Any]:
    """What the unit did in these months, one after another, each by its first day. Raises Missing for no unit."""
    names = catalogue.unit_names([unit_id])
    if unit_id not in names:
        raise Missing
    by_month = _by_month(unit_id, months)
    sums = sum(by_month.values(), Counter[str]())
    # So no two periods can be held against each other to tell what the few said who lie between.
    many = [month for month in by_month.values() if month["indep_rated"] >= disclosure.LEAST]
    rated, satisfied = (sum(month[name] for month in many) for name in ("indep_rated", "indep_satisfied"))
    classes = {each: sums[f"class_{each.lower()}"] for each in CLASSES}
    return {
        "unit": {"id": unit_id, "name": names[unit_id][language]},
        "since": f"{months[0]:%Y-%m}",
        "until": f"{months[-1]:%Y-%m}",
        "minimum": disclosure.LEAST,
        "answered_in_time": share(sums["answered_in_time"], sums["due"]),
        "answers": sum(classes.values()),
        "classes": [{"answer_class": each} | share(n, sum(classes.values())) for each, n in classes.items()],
        "promises": _promises(unit_id, months),
        "ratings": sums["indep_rated"],
        "satisfaction": share(satisfied, rated),
    }


def _by_month(unit_id: str, months: Sequence[date]) -> dict[str, Counter[str]]:
    found = {f"{month:%Y-%m}": Counter[str]() for month in months}
    for row in rows(_SUMS, {"subject": f"unit:{unit_id}", "periods": list(found)}):
        found[row.period][row.measure] = int(row.n)
    return found


def _promises(unit_id: str, months: Sequence[date]) -> dict[str, Any]:
    """How many of those that everyone may read, and whose last day lies in these months, were kept by then."""
    given = {"unit": unit_id, "now": now(), "since": _begin(months[0]), "until": _begin(following(months[-1]))}
    found = one(_PROMISES, given)
    kept, broken, postponed = (int(n) for n in found) if found is not None else (0, 0, 0)
    return {"kept": share(kept, kept + broken), "broken": broken, "postponed": postponed}


def share(part: int, whole: int) -> dict[str, Any]:
    """A number, of how many, and its share, which is None of a few."""
    return {"count": part, "n": whole, "share": disclosure.share(part, whole)}


def following(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), settings().timezone)
