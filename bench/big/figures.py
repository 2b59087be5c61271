"""A year's figures of a district and of a person, after 1,000,000 cases and after 10,000."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from flask import Flask
from sqlalchemy import text

from bench.big import stage
from bench.lines import Line
from bench.measure import Side
from bench.ours import errors_to
from bench.stores import database
from participate.app import create_app
from participate.cases.figures import counting
from participate.cases.figures.queries import figures
from participate.cli.migrations import upgrade
from participate.kernel.auth import Caller, Grant
from participate.kernel.db import db, transaction
from participate.kernel.ids import new_id

MANY, FEW = 1_000_000, 10_000
_DISTRICT, _STREETS, _COMMUNITIES, _OFFICERS = "990101", 8, 5, 100
_YEAR = date(2026, 1, 1), date(2026, 12, 31)
_BEGAN, _MINUTES = datetime(2026, 1, 1, 4, tzinfo=UTC), 360 * 24 * 60
_AT_ONCE = 20_000  # sums
_NEVER = ("late", "overtaken", "cancelled", "excluded", "part", "adopted", "converted")
_KINDS = ("snap_report", "micro_suggestion", "micro_proposal", "micro_service")


@contextmanager
def offices(folder: Path, *counts: int) -> Iterator[list[Flask]]:
    """The service on PostgreSQL with the figures of so many cases, for each of the counts. Raises NoServer."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(errors_to(folder / "log"))
        yield [stack.enter_context(_office(folder / str(count), count)) for count in counts]


@contextmanager
def _office(folder: Path, count: int) -> Iterator[Flask]:
    folder.mkdir(parents=True)
    with database("postgresql", folder) as url:
        app = create_app(stage.settings(url, folder))
        with app.app_context():
            upgrade()
            _fill(count)
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE case_figures, kind_figures"))
        yield app
        with app.app_context():
            db.engine.dispose()


_PEOPLE = [new_id() for _ in range(_OFFICERS)]


def _fill(count: int) -> None:
    """What so many cases of a year add up to."""
    chance, narrow = random.Random(count), Counter[counting.Key]()
    for _ in range(count):
        narrow.update(counting.narrow(_mark(chance)))
    sums = counting.spread(narrow)
    keys = list(sums)
    for first in range(0, len(keys), _AT_ONCE):
        with transaction():
            counting.write(Counter({key: sums[key] for key in keys[first : first + _AT_ONCE]}))


def _mark(chance: random.Random) -> SimpleNamespace:
    """A case that somebody has closed; how long it took is spread over two weeks, most of it within days."""
    filed = _BEGAN + timedelta(minutes=chance.randrange(_MINUTES))
    replied = filed + timedelta(minutes=min(chance.lognormvariate(7.5, 1.2), 20_000))
    often = {"reworks": 0.1, "objections": 0.05, "extensions": 0.1}
    place = f"{_DISTRICT}{chance.randrange(_STREETS):03d}{chance.randrange(_COMMUNITIES):03d}"
    return SimpleNamespace(
        **dict.fromkeys(_NEVER, False),
        **{name: int(chance.random() < share) for name, share in often.items()},
        **{
            "found": None,
            "urgings": 0,
            "reopenings": 0,
            "stock": 0,
            "replies": 1,
            "area": place,
            "unit": None,
            "person": chance.choice(_PEOPLE),
        },
        **{"filed_at": filed, "taken_at": filed, "replied_at": replied, "due_at": filed + timedelta(days=3)},
        **{"closed_at": replied + timedelta(days=2), "resolved": chance.random() < 0.9},
        satisfaction=chance.choice((None, 2, 4, 5)),
        kind=chance.choice(_KINDS),
        answer_class=chance.choice("ABCD"),
        independent=True,
        relayed=False,
    )


def lines(many: Flask, few: Flask) -> Iterator[Line]:
    """The figures at `many` beside the same at `few`."""
    asked: tuple[tuple[str, dict[str, str], str | None], ...] = (
        ("district", {"area": _DISTRICT}, None),
        ("person", {"person": _PEOPLE[0]}, None),
        ("kind", {"area": _DISTRICT}, _KINDS[1]),
    )
    for name, of, kind in asked:
        yield Line(f"figures of a {name} at {MANY:,}", _reading(many, of, kind), _reading(few, of, kind), 5)


def _reading(app: Flask, of: dict[str, str], kind: str | None) -> Side:
    caller = Caller(new_id(), grants=(Grant("auditor", ""),))

    def prepare(calls: int) -> Callable[[], None]:
        def run() -> None:
            with app.app_context():
                for _ in range(calls):
                    assert figures(caller, of, *_YEAR, kind)["counts"]["filed"]

        return run

    return prepare
