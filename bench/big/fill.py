"""Fills a PostgreSQL database fast: Python draws the drafts, the database makes the rows from them."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any
from uuid import UUID

from bench.big import city
from bench.big.drafts import COLUMNS, TEXTS, drafts
from bench.big.laying import (
    BASE,
    LANES,
    Cursor,
    connected,
    copy,
    side_by_side,
    sql,
    statements,
    without_indexes,
    wording,
)
from participate.kernel.clock import now
from participate.kernel.ids import new_id

PER_RESIDENT = 5  # submissions on average; most have handed in one or two, some hundreds.
_MANY = 100_000  # From so many on, it pays to draw the drafts in processes of their own.
# What the rows are made from, besides the drafts: where each state lies on its way, and the steps of each way.
_SCAFFOLD = """
CREATE UNLOGGED TABLE making.draft (number integer, id uuid, reference text, receipt text, at timestamptz, kind text,
    state text, author integer, text integer, category text, anonymous boolean, lat float, lon float, tile integer,
    cell text, unit uuid, officer uuid, level integer, due_hours integer);
CREATE UNLOGGED TABLE making.walk (state text, name text, steps integer, open boolean, handled boolean, decision text,
    case_state text);
CREATE UNLOGGED TABLE making.step (walk text, n integer, move text, source text, target text, role text, note text,
    shown_to text)
"""
_WALKS = (
    ("received", "whole", 1, True, False, None, None),
    ("in_moderation", "whole", 2, True, False, None, None),
    ("accepted", "whole", 3, True, True, "accept", "filed"),
    ("assigned", "whole", 4, True, True, "accept", "dispatched"),
    ("in_progress", "whole", 5, True, True, "accept", "in_progress"),
    ("in_verification", "whole", 6, True, True, "accept", "resolved"),
    ("answered", "whole", 7, True, True, "accept", "verified"),
    ("closed", "whole", 8, False, True, "accept", "closed"),
    ("rejected", "rejected", 3, False, False, "reject", None),
    ("returned", "returned", 3, False, False, "return", None),
    ("withdrawn", "withdrawn", 3, False, False, None, None),
)
_WHOLE = (
    ("submit", None, "received", "author", None, "author"),
    ("admit", "received", "in_moderation", "system", None, "author"),
    ("accept", "in_moderation", "accepted", "moderator", None, "public"),
    ("assign", "accepted", "assigned", "system", None, "desk"),
    ("begin", "assigned", "in_progress", "system", None, "desk"),
    ("hand_over", "in_progress", "in_verification", "system", None, "desk"),
    ("answer", "in_verification", "answered", "system", None, "desk"),
    ("rate", "answered", "closed", "author", "办得很快", "public"),
)
_SHORT = {"rejected": "reject", "returned": "return", "withdrawn": "withdraw"}


def fill(url: str, count: int, author_id: str, categories: list[str], units: list[str], officers: list[str]) -> None:
    """Lay the city and `count` submissions into the migrated database at `url`; `author_id` has handed in most.

    To be called within the application, which says how texts are indexed.
    """
    address = url.replace("+psycopg", "")
    residents = [author_id, *(new_id() for _ in range(count // PER_RESIDENT))]
    with connected(address) as connection, connection.cursor() as cursor:
        cursor.execute(BASE)
        cursor.execute(_SCAFFOLD)
        with _drafting(address, count, categories, len(residents), units, officers):
            _lay(cursor, count, residents)
        with without_indexes(address, cursor):
            cursor.execute("ANALYZE making.draft, making.author, making.wording")
            side_by_side(address, statements("fill.sql"))
        cursor.execute("SELECT setval('submission_texts_number_seq', (SELECT max(number) FROM submission_texts))")
        cursor.execute("DROP SCHEMA making CASCADE")
        cursor.execute("SELECT relname FROM pg_stat_user_tables ORDER BY pg_relation_size(relid) DESC")
        side_by_side(address, [sql(f"VACUUM ANALYZE {name}") for (name,) in cursor.fetchall()])


@contextmanager
def _drafting(
    address: str, count: int, categories: list[str], residents: int, units: list[str], officers: list[str]
) -> Iterator[None]:
    """Lay the drafts down meanwhile."""
    given = address, count, categories, residents, units, officers
    if count < _MANY:
        _draft(0, 1, *given)
        yield
        return
    with ProcessPoolExecutor(LANES, get_context("spawn")) as pool:
        parts = [pool.submit(_draft, part, LANES, *given) for part in range(LANES)]
        yield
        for done in parts:
            done.result()


def _draft(
    part: int,
    parts: int,
    address: str,
    count: int,
    categories: list[str],
    residents: int,
    units: list[str],
    officers: list[str],
) -> None:
    made = drafts(count, categories, residents, part, parts)
    with connected(address) as connection, connection.cursor() as cursor:
        copy(cursor, f"draft ({', '.join(COLUMNS)})", _named(made, units, officers))


def _lay(cursor: Cursor, count: int, residents: list[str]) -> None:
    """The city, its people, and what the drafts are turned into rows by."""
    at = now()
    copy(cursor, "areas (code, name, level, parent, synthetic, version)", ((*a, True, 1) for a in city.areas()))
    people = "accounts (id, phone, display_name, language, version, created_at)"
    copy(cursor, people, ((one, f"+86139{n:08}", "居民", "zh-Hans", 1, at) for n, one in enumerate(residents[1:])))
    roles = "role_grants (id, account_id, role, area)"
    copy(cursor, roles, ((new_id(), one, "resident", "") for one in residents[1:]))
    copy(cursor, "author (n, id)", enumerate(residents))
    copy(cursor, "walk", _WALKS)
    copy(cursor, "step", _steps())
    copy(cursor, "wording", wording(min(TEXTS, count)))


def _named(made: Iterable[tuple[Any, ...]], units: list[str], officers: list[str]) -> Iterator[tuple[Any, ...]]:
    unit, officer = COLUMNS.index("unit"), COLUMNS.index("officer")
    for draft in made:
        row = list(draft)
        row[unit] = None if row[unit] is None else units[row[unit] % len(units)]
        row[officer] = officers[row[officer] % len(officers)]
        yield tuple(row)


def _steps() -> Iterator[tuple[Any, ...]]:
    for n, step in enumerate(_WHOLE, 1):
        yield "whole", n, *step
    for state, move in _SHORT.items():
        for n, step in enumerate((*_WHOLE[:2], (move, "in_moderation", state, "moderator", "请补充地点", "author")), 1):
            yield state, n, *step


def officer_ids(count: int) -> list[str]:
    """Accounts that hold cases and never sign in."""
    return [str(UUID(int=(0x7 << 76) | (0x8 << 60) | n)) for n in range(count)]
