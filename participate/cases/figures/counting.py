"""What a case adds to the figures: a function of its mark, so that sums kept up to date equal sums made anew."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import product
from math import floor, log
from typing import Any

from participate.cases.figures.models import FILED, SETTLED, CaseFigure, KindFigure
from participate.kernel import sums
from participate.kernel.context import settings
from participate.kernel.db import add_up
from participate.submissions.kinds import KINDS, SEALED

Key = tuple[str, str, str, str]  # subject, kind, period, measure
EVERY = ""  # Stands for all kinds together.
# What leads to a case that is counted by its kind. Who is watched must not learn how often: of what is sealed nothing.
COUNTED_KINDS = tuple(kind.name for kind in KINDS.values() if kind.leads_to == "case" and kind.name != SEALED)
SUGGESTION = "micro_suggestion"
SATISFIED = 4  # of 5, and more
# How long a final reply took, in minutes, is counted in classes: the first up to a quarter of an hour, each following
# one up to half as long again. So medians need no case, and are wrong by less than a class; see `queries`.
SHORTEST, STEP, CLASSES = 15.0, 1.5, 32
TOOK = "took_"
_AREA_DIGITS = (0, 4, 6, 9, 12)  # everywhere, city, district, street, community
_MONTH = len("2026-05")
_write_all = sums.writer(CaseFigure, "subject", "period", "measure")
_write_kinds = sums.writer(KindFigure, "subject", "kind", "period", "measure")


def write(steps: Counter[Key]) -> None:
    """Add the steps to the sums that they name, in one order: see `kernel.sums`."""
    _write_all(Counter({(who, when, what): n for (who, kind, when, what), n in steps.items() if kind == EVERY}))
    _write_kinds(Counter({key: n for key, n in steps.items() if key[1] != EVERY}))


def subjects(mark: Any, unit: str | None, person: str | None) -> Iterator[str]:
    """Whom a case counts for: each area around its place, and its unit and person where it has or had one.

    An area counts what was handed in, each once: a part of it counts for those who handle that.
    """
    if not mark.part:
        yield from (f"area:{mark.area[:digits]}" for digits in _AREA_DIGITS if len(mark.area) >= digits)
    if unit is not None:
        yield f"unit:{unit}"
    if person is not None:
        yield f"person:{person}"


def periods_of(moment: datetime) -> tuple[str, str]:
    """The day of the city on which `moment` lies, and its month: whoever asks for a year reads twelve sums."""
    day = moment.astimezone(settings().timezone).date().isoformat()
    return day, day[:_MONTH]


def class_of(minutes: float) -> int:
    """The class in which so long a time is counted."""
    return 0 if minutes <= SHORTEST else min(CLASSES - 1, 1 + floor(log(minutes / SHORTEST, STEP)))


def counted(mark: Any) -> Counter[Key]:
    """All that this mark adds, under whom and when."""
    if mark.cancelled or mark.kind == SEALED:
        return Counter()
    measured = [(when, measure) for moment, measure in _measures(mark) for when in periods_of(moment)]
    return Counter((*under, when, what) for under in _under(mark, mark.unit, mark.person) for when, what in measured)


def _under(mark: Any, unit: str | None, person: str | None) -> Iterator[tuple[str, str]]:
    """Under whom it counts, among all kinds and, but for a person, among those of its own."""
    for who in subjects(mark, unit, person):
        yield who, EVERY
        if mark.kind in COUNTED_KINDS and not who.startswith("person:"):
            yield who, mark.kind


def _measures(mark: Any) -> Iterator[tuple[datetime, str]]:
    if mark.found:
        yield from _of_found(mark)
        return
    ever = {
        "filed": True,
        "taken_in_time": mark.taken_at is not None and not mark.overtaken,
        "objected": mark.objections,
        "extended": mark.extensions,
        "urged": mark.urgings,
        "replied": mark.replied_at,
        "reworked": mark.reworks,
        "reopened": mark.reopenings,
    }
    yield from ((mark.filed_at, name) for name, is_so in ever.items() if is_so)
    yield from [(mark.filed_at, "replies_tried")] * (mark.replies + mark.stock)
    yield from [(mark.filed_at, "stock_refused")] * mark.stock
    if mark.kind == SUGGESTION and not mark.part:
        had = {"suggested": True, "adopted": mark.adopted, "converted": mark.converted}
        yield from ((mark.filed_at, name) for name, is_so in had.items() if is_so)
    yield mark.due_at, "due"
    if mark.replied_at is not None:
        minutes = (mark.replied_at - mark.filed_at).total_seconds() / 60
        yield mark.replied_at, f"{TOOK}{class_of(minutes):02d}"
        if mark.answer_class is not None:
            yield mark.replied_at, f"class_{mark.answer_class.lower()}"
        if _is_on_time(mark):
            yield mark.due_at, "answered_in_time"
    if mark.closed_at is not None:
        yield mark.due_at, "closed"
        if _is_on_time(mark):
            yield mark.due_at, "on_time"
        yield from ((mark.closed_at, name) for name in _ratings(mark))


def _of_found(mark: Any) -> Iterator[tuple[datetime, str]]:
    """What an officer has found counts apart: else who wants good figures need only file what is mended already."""
    yield mark.filed_at, "found"
    if mark.found == SETTLED:
        yield mark.filed_at, "settled"
    if mark.found == FILED:
        yield mark.due_at, "found_due"
        if mark.closed_at is not None:
            yield mark.due_at, "found_closed"
            if _is_on_time(mark):
                yield mark.due_at, "found_on_time"
    if mark.drawn and mark.judged_at is not None:  # Not before, or its officer could tell that it was drawn.
        yield mark.judged_at, "sampled"
        if mark.failed:
            yield mark.judged_at, "sample_failed"


def _is_on_time(mark: Any) -> bool:
    """What was opened again never is."""
    return not mark.late and not mark.reopenings and mark.replied_at is not None and mark.replied_at <= mark.due_at


def _ratings(mark: Any) -> Iterator[str]:
    if mark.part:  # Nobody is asked what they think of it.
        return
    if mark.excluded:
        yield "excluded"
    elif mark.satisfaction is None:
        yield "unrated"
    else:
        yield "rated"
        if mark.resolved:
            yield "said_resolved"
        if mark.satisfaction >= SATISFIED:
            yield "satisfied"
        if mark.independent:
            yield "indep_rated"
            if mark.satisfaction >= SATISFIED:
                yield "indep_satisfied"


def held(mark: Any, holding: Any) -> Counter[Key]:
    """What a stretch of time in the same hands adds once it has ended: its working minutes, for its level."""
    steps = {f"level_{holding.level}": holding.worked_ms // 60_000, f"held_{holding.level}": 1}
    keys = product(_under(mark, holding.unit, holding.assignee), periods_of(holding.until), steps)
    return Counter({(*under, when, what): steps[what] for under, when, what in keys})


@contextmanager
def kept(mark: Any) -> Iterator[None]:
    """Whatever becomes of the mark inside, it is counted as what it then is."""
    before = counted(mark)
    yield
    steps = counted(mark)
    steps.subtract(before)
    add_up(steps, write)
