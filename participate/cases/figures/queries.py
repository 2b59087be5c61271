"""Reads the figures: sums of months and days, whose number does not grow with that of the cases."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import bindparam, func, select

from participate.accounts import queries as accounts
from participate.cases.figures.counting import CLASSES, SHORTEST, STEP, TOOK
from participate.cases.figures.models import CaseFigure, KindFigure
from participate.kernel.auth import Caller
from participate.kernel.db import rows
from participate.kernel.errors import Missing
from participate.kernel.scopes import roles_for

READERS = ("dispatcher", "supervisor", "evaluator", "auditor", "admin", "desk_head")
LEVELS = (1, 2, 3, 4)
_DAY = timedelta(days=1)
_SUMS = (
    select(CaseFigure.measure, func.sum(CaseFigure.n).label("n"))
    .where(CaseFigure.subject == bindparam("subject"), CaseFigure.period.in_(bindparam("periods", expanding=True)))
    .group_by(CaseFigure.measure)
)
_KIND_SUMS = (
    select(KindFigure.measure, func.sum(KindFigure.n).label("n"))
    .where(KindFigure.subject == bindparam("subject"), KindFigure.kind == bindparam("kind"))
    .where(KindFigure.period.in_(bindparam("periods", expanding=True)))
    .group_by(KindFigure.measure)
)
# Each rate: its name, what is counted, and of what.
_RATES = (
    ("closed_rate", "closed", "due"),
    ("on_time_rate", "on_time", "due"),
    ("answer_rate", "answered_in_time", "due"),
    ("response_rate", "taken_in_time", "filed"),
    ("rework_rate", "reworked", "replied"),
    ("objection_rate", "objected", "filed"),
    ("extension_rate", "extended", "filed"),
    ("urge_rate", "urged", "filed"),
    ("reopening_rate", "reopened", "filed"),
    ("resolution_rate", "said_resolved", "rated"),
    ("satisfaction_rate", "satisfied", "rated"),
    ("indep_satisfaction_rate", "indep_satisfied", "indep_rated"),
    ("relayed_satisfaction_rate", "relayed_satisfied", "relayed_rated"),
    ("stock_rate", "stock_refused", "replies_tried"),
    ("adoption_rate", "adopted", "suggested"),
    ("conversion_rate", "converted", "suggested"),
    ("found_on_time_rate", "found_on_time", "found_due"),
    ("sample_failure_rate", "sample_failed", "sampled"),
)
CLASSED = ("class_a", "class_b", "class_c", "class_d")
_APART = ("unrated", "excluded", "found", "settled", "found_closed", *CLASSED)
_DAY_MINUTES = 24 * 60
COUNTS = tuple(dict.fromkeys(["filed", *(part for _, *parts in _RATES for part in parts), *_APART]))
RATES = tuple(name for name, _, _ in _RATES)


def figures(caller: Caller, of: dict[str, str], first: date, last: date, kind: str | None = None) -> dict[str, Any]:
    """The figures from the day `first` to `last`, both included, `of` an `area`, a `unit` or a `person`.

    Of an area or a unit there are those of one `kind` too. Rates are from 0 to 1, None where nothing is there to divide
    by. Raises Missing for what the caller does not watch.
    """
    what, code = next(iter(of.items()))
    if not _may_see(caller, what, code):
        raise Missing
    sums = summed(f"{what}:{code}", first, last, kind)
    took = _spread([sums[f"{TOOK}{number:02d}"] for number in range(CLASSES)])
    return {
        "counts": {name: sums[name] for name in COUNTS},
        "rates": {name: _divided(sums[part], sums[whole]) for name, part, whole in _RATES},
        "minutes_to_reply": took,
        "median_days_to_reply": None if took["median"] is None else round(took["median"] / _DAY_MINUTES, 1),
        "levels": [_level(level, sums) for level in LEVELS],
    }


def summed(subject: str, first: date, last: date, kind: str | None = None) -> Counter[str]:
    """How often each measure was counted for the subject in these days, of all kinds or of one."""
    asked = {"subject": subject, "periods": list(_periods(first, last))}
    found = rows(_SUMS, asked) if kind is None else rows(_KIND_SUMS, asked | {"kind": kind})
    return Counter({row.measure: int(row.n) for row in found})


def _periods(first: date, last: date) -> Iterator[str]:
    """The whole months between two days, both included, and the days before and after."""
    while first <= last:
        end = first.replace(day=monthrange(first.year, first.month)[1])
        if first.day == 1 and end <= last:
            yield first.isoformat()[: len("2026-05")]
            first = end + _DAY
        else:
            yield first.isoformat()
            first += _DAY


def _may_see(caller: Caller, what: str, code: str) -> bool:
    everywhere = bool(roles_for(caller, "") & set(READERS))
    if what == "area":
        return bool(roles_for(caller, code) & set(READERS))
    if what == "unit":
        return everywhere or code in caller.units("handler", *READERS)
    return code == caller.account_id or everywhere or _watches(caller, code)


def _watches(caller: Caller, account_id: str) -> bool:
    """Whether all that the account does lies in areas, and is done for units, which the caller watches."""
    found = accounts.grantee(account_id)
    areas = found.areas(*accounts.HANDLING) if found else ()
    units = set(found.units(*accounts.HANDLING)) if found else set()
    watched = all(roles_for(caller, area) & set(READERS) for area in areas)
    return bool(areas or units) and watched and units <= set(caller.units(*READERS))


def _divided(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _level(level: int, sums: Counter[str]) -> dict[str, Any]:
    times, minutes = sums[f"held_{level}"], sums[f"level_{level}"]
    return {"level": level, "times": times, "mean_working_minutes": round(minutes / times) if times else None}


def _spread(classes: list[int]) -> dict[str, int | None]:
    """Lower quartile, median and upper quartile, each within its class as though all in there were evenly spread."""
    return {name: _quantile(classes, share) for name, share in (("q1", 0.25), ("median", 0.5), ("q3", 0.75))}


def _quantile(classes: list[int], share: float) -> int | None:
    wanted = sum(classes) * share
    if not wanted:
        return None
    reached = list(accumulate(classes))
    number = next(number for number, n in enumerate(reached) if n >= wanted)
    lower, upper = (SHORTEST * STEP ** (number - 1) if number else 0.0), SHORTEST * STEP**number
    return round(lower + (upper - lower) * (wanted - reached[number] + classes[number]) / classes[number])
