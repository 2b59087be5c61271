"""How many tasks wait, by each facet: kept up to date by whoever adds or takes away one, so that nobody counts."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from participate.kernel import sums
from participate.kernel.db import add_up
from participate.moderation import telling, waiting
from participate.moderation.models import URGENT, ModerationCount

Key = tuple[str, str, str]  # facet, area, value
ALL, KIND, CATEGORY, FLAG, URGENCY, OVERDUE = FACETS = ("all", "kind", "category", "flag", "urgent", "overdue")
# What is counted by area is counted by district besides, so that a city need not add up its thousands of cells.
DISTRICT = 6  # digits
TOLD_OVERDUE = 100  # percent of its time

write = sums.writer(ModerationCount, "facet", "area", "value")


def by_district(facet: str) -> str:
    """The facet under which the same is counted by district."""
    return f"{facet}_{DISTRICT}"


def keys(task: Any) -> Iterator[Key]:
    """Under which counts a task (its `kind`, `category`, `area`, `flags`, `rank`, `warned`) falls while it waits."""
    area = task.area or ""
    for facet, value in facets(task):
        yield facet, area, value
        yield by_district(facet), area[:DISTRICT], value


def facets(task: Any) -> Iterator[tuple[str, str]]:
    """The facets that a task has, each with its value."""
    yield ALL, ""
    yield KIND, task.kind
    yield CATEGORY, task.category or ""
    if task.rank == URGENT:
        yield URGENCY, ""
    if task.warned >= TOLD_OVERDUE:
        yield OVERDUE, ""
    for code in {flag["code"] for flag in task.flags}:
        yield FLAG, code


def came(*tasks: Any) -> None:
    """These tasks wait from now on."""
    adopted = [task for task in tasks if _is_adopted(task)]
    add_up(Counter(key for task in adopted for key in keys(task)), write)
    waiting.keep(adopted)


def went(*tasks: Any) -> None:
    """These tasks wait no more."""
    adopted = [task for task in tasks if _is_adopted(task)]
    gone = Counter(key for task in adopted for key in keys(task))
    add_up(Counter({key: -n for key, n in gone.items()}), write)
    waiting.forget([task.id for task in adopted])


def _is_adopted(task: Any) -> bool:
    """What the release before has opened is on no count until it is taken over: see `mending`."""
    return task.opened_at is not None


@contextmanager
def kept(task: Any) -> Iterator[None]:
    """Whatever becomes of the locked task inside, it is counted and told of as what it then is. Not to be nested."""
    before, entry, face = _present(task), _entry(task), telling.face(task)
    yield
    telling.changed(task, face)
    steps = _present(task)
    steps.subtract(before)
    add_up(steps, write)
    now = _entry(task)
    if now is None:
        waiting.forget([task.id] if entry else [])
    elif now != entry:
        waiting.keep([task])


def _present(task: Any) -> Counter[Key]:
    return Counter(keys(task) if _waits(task) else ())


def _entry(task: Any) -> tuple[int, tuple[str, ...]] | None:
    return waiting.entry(task) if _waits(task) else None


def _waits(task: Any) -> bool:
    return task.state == "waiting" and _is_adopted(task)
