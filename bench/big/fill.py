"""Fills a PostgreSQL database fast: Python draws the drafts, the database makes the rows from them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from psycopg.abc import Query
from psycopg.sql import SQL

from bench import prose
from bench.big import city
from bench.big.drafts import COLUMNS, TEXTS, drafts
from participate.kernel.clock import now
from participate.kernel.ids import new_id
from participate.submissions import search

Cursor = psycopg.Cursor[tuple[Any, ...]]
PER_RESIDENT = 5  # submissions on average; most have handed in one or two, some hundreds.
# What the rows are made from, besides the drafts: where each state lies on its way, and the steps of each way.
_SCAFFOLD = """
CREATE TEMP TABLE draft (id uuid, reference text, receipt text, at timestamptz, kind text, state text, author integer,
    text integer, category text, anonymous boolean, lat float, lon float, cell text, unit uuid, officer uuid,
    level integer, due_hours integer);
CREATE TEMP TABLE wording (n integer, title text, body text, normal text, bigrams integer[]);
CREATE TEMP TABLE author (n integer, id uuid);
CREATE TEMP TABLE walk (state text, name text, steps integer, open boolean, handled boolean, decision text,
    case_state text);
CREATE TEMP TABLE step (walk text, n integer, move text, source text, target text, role text, note text,
    shown_to text);
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
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'")
        # Nothing is checked that cannot be wrong here: foreign keys take half of the time otherwise.
        cursor.execute("SET session_replication_role = replica")
        with _without_indexes(cursor):
            _lay(cursor, count, author_id, categories, units, officers)
            for statement in _statements():
                cursor.execute(statement)
        connection.commit()
        connection.autocommit = True
        cursor.execute("VACUUM ANALYZE")


def _lay(
    cursor: Cursor, count: int, author_id: str, categories: list[str], units: list[str], officers: list[str]
) -> None:
    residents = [author_id, *(new_id() for _ in range(count // PER_RESIDENT))]
    at = now()
    cursor.execute(_SCAFFOLD)
    _copy(cursor, "areas (code, name, level, parent, synthetic, version)", ((*a, True, 1) for a in city.areas()))
    people = "accounts (id, phone, display_name, language, version, created_at)"
    _copy(cursor, people, ((one, f"+86139{n:08}", "居民", "zh-Hans", 1, at) for n, one in enumerate(residents[1:])))
    roles = "role_grants (id, account_id, role, area)"
    _copy(cursor, roles, ((new_id(), one, "resident", "") for one in residents[1:]))
    _copy(cursor, "author (n, id)", enumerate(residents))
    _copy(cursor, "walk", _WALKS)
    _copy(cursor, "step", _steps())
    _copy(cursor, "wording", _wording(min(TEXTS, count)))
    _copy(cursor, f"draft ({', '.join(COLUMNS)})", _named(drafts(count, categories, len(residents)), units, officers))
    cursor.execute("CREATE INDEX ON draft (id); ANALYZE draft; ANALYZE author; ANALYZE wording")


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


def _wording(count: int) -> Iterator[tuple[Any, ...]]:
    chance = Random(1)
    for n in range(count):
        title, body = prose.title(chance), prose.body(chance)
        normal = search.normal(f"{title}\n{body}")
        yield n, title, body, normal, search.bigrams(normal)


def _copy(cursor: Cursor, into: str, lines: Iterable[Sequence[Any]]) -> None:
    with cursor.copy(_sql(f"COPY {into} FROM STDIN")) as copy:
        for line in lines:
            copy.write_row(line)


def _statements() -> list[Query]:
    parts = Path(__file__).with_name("fill.sql").read_text(encoding="utf-8").split("\n\n")
    return [_sql(part) for part in parts if not part.startswith("--")]


@contextmanager
def _without_indexes(cursor: Cursor) -> Iterator[None]:
    """Indexes that are no constraints are made anew once the rows are there, which takes a fraction of the time."""
    cursor.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(_sql(f"DROP INDEX {name}"))
    yield
    for _, definition in found:
        cursor.execute(_sql(definition))


def _sql(text: str) -> SQL:
    """Our own words, no one else's."""
    return SQL(text)  # type: ignore[arg-type] # it wants literals


def officer_ids(count: int) -> list[str]:
    """Accounts that hold cases and never sign in."""
    return [str(UUID(int=(0x7 << 76) | (0x8 << 60) | n)) for n in range(count)]
