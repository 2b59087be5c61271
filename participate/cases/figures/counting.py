"""What a case adds to the figures: a function of its mark, so that sums kept up to date equal sums made anew."""

from collections import Counter
from collections.abc import Iterable, Iterator
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
_AREA, _PERSON = "area:", "person:"
_AREA_DIGITS = (0, 4, 6, 9, 12)  # everywhere, city, district, street, community
_MONTH = len("2026-05")
_write_all = sums.writer(CaseFigure, "subject", "period", "measure")
_write_kinds = sums.writer(KindFigure, "subject", "kind", "period", "measure")


def write(steps: Counter[Key]) -> None:
    """Add the steps to the sums that they name, in one order: see `kernel.sums`."""
    _write_all(Counter({(who, when, what): n for (who, kind, when, what), n in steps.items() if kind == EVERY}))
    _write_kinds(Counter({key: n for key, n in steps.items() if key[1] != EVERY}))


def subjects(mark: Any, unit: str | None, person: str | None) -> Iterator[str]:
    """Whom a case counts for: the area of its place, and its unit and person where it has or had one.

    An area counts what was handed in, each once: a part of it counts for those who handle that.
    """
    if not mark.part:
        yield f"{_AREA}{mark.area}"
    if unit is not None:
        yield f"unit:{unit}"
    if person is not None:
        yield f"{_PERSON}{person}"


def day_of(moment: datetime) -> str:
    """The day of the city on which `moment` lies."""
    return moment.astimezone(settings().timezone).date().isoformat()


def class_of(minutes: float) -> int:
    """The class in which so long a time is counted."""
    return 0 if minutes <= SHORTEST else min(CLASSES - 1, 1 + floor(log(minutes / SHORTEST, STEP)))


def counted(mark: Any) -> Counter[Key]:
    """All that this mark adds, under whom and when."""
    return spread(Counter(narrow(mark)))


def narrow(mark: Any) -> list[Key]:
    """What this mark adds to its days, its own kind, and the smallest area: to be added up, and then `spread`."""
    if mark.cancelled or mark.kind == SEALED:
        return []
    measured = [(day_of(moment), measure) for moment, measure in _measures(mark)]
    whose = subjects(mark, mark.unit, mark.person)
    return [(*under, day, what) for under in _each(mark, whose) for day, what in measured]


def _each(mark: Any, whose: Iterable[str]) -> list[tuple[str, str]]:
    """Under whom, and of which kind; nobody asks for a person's by kind."""
    return [(who, EVERY if who.startswith(_PERSON) or mark.kind is None else mark.kind) for who in whose]


def spread(narrow_sums: Counter[Key]) -> Counter[Key]:
    """What has been added up so counts for all areas around too, in its month, and among all kinds."""
    found = Counter[Key]()
    for (who, kind, day, what), n in narrow_sums.items():
        among_all = (EVERY, kind) if kind in COUNTED_KINDS else (EVERY,)
        for around, among, when in product(_around(who), among_all, (day, day[:_MONTH])):
            found[around, among, when, what] += n
    return found


def _around(who: str) -> list[str]:
    """Whoever asks for a city need not add up its communities, nor for a year its days: they read few sums."""
    if not who.startswith(_AREA):
        return [who]
    code = who.removeprefix(_AREA)
    return [f"{_AREA}{code[:digits]}" for digits in _AREA_DIGITS if len(code) >= digits]


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
    elif mark.relayed:  # By who may have done the work: apart from what people say themselves.
        yield "relayed_rated"
        if mark.satisfaction >= SATISFIED:
            yield "relayed_satisfied"
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
    """What a stretch of time in the same hands adds once it has ended."""
    return spread(narrowly_held(mark, holding))


def narrowly_held(mark: Any, holding: Any) -> Counter[Key]:
    """Its working minutes, for its level: as `narrow`."""
    if mark.kind == SEALED:
        return Counter()
    steps = {f"level_{holding.level}": holding.worked_ms // 60_000, f"held_{holding.level}": 1}
    whose, day = subjects(mark, holding.unit, holding.assignee), day_of(holding.until)
    return Counter({(*under, day, what): n for under in _each(mark, whose) for what, n in steps.items()})


@contextmanager
def kept(mark: Any) -> Iterator[None]:
    """Whatever becomes of the mark inside, it is counted as what it then is."""
    before = narrow(mark)
    yield
    steps = Counter(narrow(mark))
    steps.subtract(before)
    add_up(spread(Counter({key: n for key, n in steps.items() if n})), write)
