"""A city in which so many wait for the desk: filled by itself, since in the city of `stage` nearly all is decided."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy import select

from bench import prose
from bench.big import stage
from bench.big.city import BIG, CITY, SMALL, spot
from bench.big.drafts import TEXTS, drawn, id_of
from bench.big.laying import BASE, connected, copy, side_by_side, sql, statements, without_indexes, wording
from bench.big.lists import Service, both_ends
from bench.lines import Line, getting
from bench.measure import asking
from bench.ours import errors_to
from bench.stores import database
from participate.accounts.service import create_staff, sign_in
from participate.app import create_app
from participate.cli.migrations import upgrade
from participate.kernel.auth import Grant
from participate.kernel.db import add_up, db, rows, transaction
from participate.kernel.ids import new_id
from participate.moderation import counts, mending, waiting
from participate.moderation.models import ModerationTask, ModerationWaiting

MANY, FEW = 1_000_000, 1_000
_DAYS, _EARLIER, _AUTHORS = 30, 0.9, 1000  # Over how long they came in; what share of it they may take.
_CALLS = 5
_PASSWORD = "made-and-thrown-away"
_KINDS = {"snap_report": 70, "micro_suggestion": 20, "micro_supervision": 7, "micro_consultation": 2}
_KINDS |= {"micro_proposal": 1}
_CATEGORIES = {"C0101": 60, "C0102": 25, "E0305": 9, "none": 5, "E0101": 1}
_CITY, _SMALL = "moderator of the city", "moderator of a small district"
# Rarest of all is what is only asked for.
_NARROWED = {
    "": "",
    " by kind": "kind=snap_report",
    " by rare kind": "kind=micro_proposal",
    " by absent kind": "kind=micro_service",
    " by category": "category=C0101",
    " by rare category": "category=E0101",
    " by no category": "category=none",
    " by absent category": "category=X",
    " by flag": "flag=word",
    " by rare flag": "flag=photo_alike",
    " by absent flag": "flag=never",
    " by frequent word": f"q={quote('路灯')}",
    " by rarer word": f"q={quote(prose.ROADS[0])}",
    " by two words": f"q={quote('路灯 台阶')}",
    " by absent word": f"q={quote('月球旅行')}",
    " by pairs that never meet": f"q={quote('路灯亮')}",
    ", urgent": "urgent=true",
    ", not urgent": "urgent=false",
    ", free": "view=free",
    ", overdue": "view=overdue",
    ", mine": "view=mine",
    ", asked": "view=asked",
    " by kind, flag, word": f"kind=snap_report&flag=word&q={quote('路灯')}",
}
_AREAS = {"a big district": BIG, "a small district": SMALL, "a street": f"{BIG}001", "nowhere": "11"}
LIMIT = 3
ASKED: tuple[tuple[str, str, str], ...] = (
    *((f"of the city{name}", _CITY, f"?limit={LIMIT}&{query}") for name, query in _NARROWED.items()),
    *(
        (f"of a small district{name}", _SMALL, f"?limit={LIMIT}&{query}")
        for name, query in _NARROWED.items()
        if name != " by rarer word"  # Of 50 texts none may hold it.
    ),
    ("of the city, proposed", _CITY, f"?limit={LIMIT}&view=proposed"),
    *((f"of the city in {name}", _CITY, f"?limit={LIMIT}&area={code}") for name, code in _AREAS.items()),
)
COUNTS = (("of the city", _CITY), ("of a small district", _SMALL))
_SCAFFOLD = """
CREATE UNLOGGED TABLE making.waiting (number integer, id uuid, at timestamptz, due_at timestamptz, rank integer,
    kind text, category text, cell text, author integer, text integer, codes text[]);
CREATE UNLOGGED TABLE making.me (id uuid, area text)
"""
_COLUMNS = "number, id, at, due_at, rank, kind, category, cell, author, text, codes"


@contextmanager
def desks(folder: Path, *counts_: int) -> Iterator[list[Service]]:
    """The service on a PostgreSQL database in which so many wait, for each of the counts. Raises NoServer."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(errors_to(folder / "log"))
        yield [stack.enter_context(_desk(folder / str(count), count)) for count in counts_]


@contextmanager
def _desk(folder: Path, count: int) -> Iterator[Service]:
    folder.mkdir(parents=True)
    with database("postgresql", folder) as url:
        app = create_app(stage.settings(url, folder))
        with app.app_context():
            upgrade()
            made = _filled(app, url, count)
        yield made
        with app.app_context():
            db.engine.dispose()


def _filled(app: Flask, url: str, count: int) -> Service:
    areas = {_CITY: CITY, _SMALL: SMALL}
    who = {
        name: create_staff(f"reader{n}", _PASSWORD, name, [Grant("moderator", area)])
        for n, (name, area) in enumerate(areas.items())
    }
    began = time.monotonic()
    _fill(url, count, {who[name]: area for name, area in areas.items()})
    _count()
    _check()
    print(f"{count:,} that wait filled in {time.monotonic() - began:.0f} s")
    tokens = {name: sign_in(f"reader{n}", _PASSWORD)["access_token"] for n, name in enumerate(who)}
    return Service(app, tokens, {})


def _fill(url: str, count: int, readers: dict[str, str]) -> None:
    address = url.replace("+psycopg", "")
    with connected(address) as connection, connection.cursor() as cursor:
        cursor.execute(BASE)
        cursor.execute(_SCAFFOLD)
        copy(cursor, "author (n, id)", ((n, new_id()) for n in range(_AUTHORS)))
        copy(cursor, "me (id, area)", readers.items())
        copy(cursor, "wording", wording(min(TEXTS, count)))
        copy(cursor, f"waiting ({_COLUMNS})", _drafts(count))
        with without_indexes(address, cursor):
            cursor.execute("ANALYZE making.waiting, making.author, making.wording")
            side_by_side(address, statements("desk.sql", epoch=str(int(waiting.EPOCH.timestamp()))))
        cursor.execute("DROP SCHEMA making CASCADE")
        side_by_side(address, [sql("VACUUM ANALYZE")])


def _drafts(count: int) -> Iterator[tuple[Any, ...]]:
    """So many, the oldest first, as they came in over a month; a tenth is overdue or marked urgent."""
    chance = Random(count)
    began = datetime.now(UTC) - timedelta(days=_DAYS)
    kinds, categories = (drawn(chance, table) for table in (_KINDS, _CATEGORIES))
    # In the small district each value is as frequent as the other, so that there are some where few wait.
    few = zip(cycle(_KINDS), cycle((*_CATEGORIES, *_CATEGORIES)), cycle(("word", "photo_alike", None)), strict=False)
    for number in range(1, count + 1):
        at = began + timedelta(days=_DAYS * (number - chance.random()) / count)
        cell, kind, category, flag = spot(chance).cell, next(kinds), next(categories), _flag(chance)
        if number % 25 == 0:
            cell, (kind, category, flag) = SMALL + cell[len(SMALL) :], next(few)
        lies = None if number % 50 == 1 else cell
        due = _due(at + timedelta(days=_DAYS * _EARLIER))
        rank = 0 if due < datetime.now(UTC) or chance.random() < 0.01 else 1
        codes = [code for code in ("no_area" if lies is None else None, flag) if code]
        draft = number, id_of(chance, at), at, due, rank, kind, None if category == "none" else category, lies
        yield (*draft, chance.randrange(_AUTHORS), chance.randrange(min(TEXTS, count)), codes)


def lines(big: Service, small: Service) -> Iterator[Line]:
    """The queue at `big` beside the same at `small`, and the counts."""
    for name, reader, query in ASKED:
        yield from both_ends(f"queue at {MANY:,} waiting: {name}", big, small, reader, f"/v1/moderation/queue{query}")
    for name, reader in COUNTS:
        sides = (asking(each.app, getting("/v1/moderation/counts", each.tokens[reader]), 200) for each in (big, small))
        yield Line(f"queue at {MANY:,} waiting: counts {name}", *sides, _CALLS)


def _flag(chance: Random) -> str | None:
    return chance.choices(("word", "photo_alike", None), (5, 0.5, 94.5))[0]


def _due(at: datetime) -> datetime:
    """What comes in a night is due at one moment, when the working day begins (01:00 UTC)."""
    if 1 <= at.hour < 9:
        return at
    return at.replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=at.hour >= 9)


def _count() -> None:
    """The counts, as a recount finds them."""
    with transaction():
        add_up(mending.off(), counts.write)


def _check() -> None:
    """Raises AssertionError where a task is found by something else than the service would have it found by."""
    task, place = ModerationTask, ModerationWaiting
    shown = task.id, task.rank, task.due_at, task.kind, task.category, task.area, task.flags
    some = select(*shown, place.position, place.marks).join(place, place.task_id == task.id).limit(500)
    for row in rows(some):
        assert (row.position, tuple(row.marks)) == waiting.entry(row), row
