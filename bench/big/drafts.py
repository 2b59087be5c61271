"""What residents hand in over the years, drawn by chance: one line each, from which the database makes the rows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any

from bench.big.city import spot
from participate.kernel.ids import ALPHABET
from participate.submissions.tiles import tile_of

A_DAY = 900  # submissions, in a city of a million
COLUMNS = (
    *("number", "id", "reference", "receipt", "at", "kind", "state", "author", "text", "category", "anonymous"),
    *("lat", "lon", "tile", "cell", "unit", "officer", "level", "due_hours"),
)
TEXTS = 20_000  # What is written is drawn from so many texts.
_UNDER_WAY = 2000  # The newest are still under way, and of the others
_STRAGGLERS = 0.02  # so many.
# How many are handed in by the hour of the day and by the day of the week, from Monday on.
_HOURS = (1, 1, 1, 1, 1, 2, 5, 12, 20, 24, 22, 18, 14, 15, 18, 19, 18, 17, 16, 15, 13, 10, 6, 3)
_DAYS = (11, 10, 10, 10, 10, 7, 6)
_KINDS = {
    "snap_report": 70,
    "micro_suggestion": 15,
    "micro_service": 6,
    "micro_supervision": 4,
    "micro_proposal": 3,
    "micro_consultation": 2,
}
_LIVING = {
    "received": 5,
    "in_moderation": 30,
    "accepted": 5,
    "assigned": 20,
    "in_progress": 25,
    "in_verification": 8,
    "answered": 7,
}
_OVER = {"closed": 86, "rejected": 7, "returned": 3, "withdrawn": 4}
OFFICERS, UNITS = 200, 40


def drafts(
    count: int, categories: list[str], residents: int, part: int = 0, parts: int = 1
) -> Iterator[tuple[Any, ...]]:
    """One of the `parts` of `count` in the order of their making; who has handed in most is resident 0."""
    chance = Random(count * parts + part)
    first, last = (count * edge // parts for edge in (part, part + 1))
    kinds, living, over = (drawn(chance, table) for table in (_KINDS, _LIVING, _OVER))
    commonest = list(accumulate(1 / rank for rank in range(1, len(categories) + 1)))
    settled = count - min(_UNDER_WAY, count // 5)
    for number, at in enumerate(_moments(chance, count, first, last), first):
        under_way = number >= settled or chance.random() < _STRAGGLERS
        place = spot(chance)
        yield (
            number + 1,
            id_of(chance, at),
            _token(chance, 11),
            _token(chance, 32),
            at,
            next(kinds),
            next(living if under_way else over),
            int(residents * chance.random() ** 2.5),
            chance.randrange(min(TEXTS, count)),
            chance.choices(categories, cum_weights=commonest)[0],
            chance.random() < 0.1,
            *(place.lat, place.lon, tile_of(place.lat, place.lon), place.cell),
            chance.randrange(UNITS) if chance.random() < 0.2 else None,
            chance.randrange(OFFICERS),
            chance.choices((1, 2, 3, 4), (80, 12, 6, 2))[0],
            chance.choice((2, 24, 48, 72, 168)),
        )


def drawn(chance: Random, table: dict[str, int]) -> Iterator[str]:
    """One after the other, as often as the table says."""
    while True:
        yield from chance.choices(list(table), list(table.values()), k=10_000)


def _moments(chance: Random, count: int, first: int, last: int) -> Iterator[datetime]:
    """Of `count` moments up to now, more in the mornings and on working days: those from `first` to `last`."""
    days = max(2, round(count / A_DAY))
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=days)
    hours = [start + timedelta(hours=n) for n in range(days * 24)]
    weights = [_HOURS[(hour.hour + 8) % 24] * _DAYS[hour.weekday()] for hour in hours]
    total, before = sum(weights), 0
    for hour, reached in zip(hours, accumulate(weights), strict=True):
        due = count * reached // total
        wanted = min(due, last) - max(before, first)
        yield from sorted(hour + timedelta(seconds=chance.random() * 3600) for _ in range(wanted))
        before = due


def id_of(chance: Random, at: datetime) -> str:
    """A UUIDv7 of that moment."""
    bits = chance.getrandbits(74)
    return f"{int(at.timestamp() * 1000):012x}7{bits >> 62:03x}{8 + (bits >> 60 & 3):x}{bits & (1 << 60) - 1:015x}"


def _token(chance: Random, length: int) -> str:
    return "".join(chance.choices(ALPHABET, k=length))
