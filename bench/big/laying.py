"""Lays many rows into a PostgreSQL database fast: without checks, without indexes, and in two lanes."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from psycopg.abc import Query
from psycopg.sql import SQL

from bench import prose
from participate.submissions import search

Cursor = psycopg.Cursor[tuple[Any, ...]]
LANES = 2  # Connections that work side by side.
# What all rows are made from: who writes, what they write, and ids that hang on another.
BASE = """
CREATE SCHEMA making;
CREATE UNLOGGED TABLE making.wording (n integer, title text, body text, normal text, bigrams integer[]);
CREATE UNLOGGED TABLE making.author (n integer, id uuid);
CREATE FUNCTION making.part(whole uuid, n integer) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN overlay(whole::text PLACING lpad(to_hex(n), 2, '0') FROM 25 FOR 2)::uuid
"""
# Nothing is checked that cannot be wrong here: foreign keys take half of the time otherwise. Drafts are read in their
# order, which joins other than by hashing would lose. Each lane has a core, so that none needs helpers.
_SETTINGS = """
SET search_path = public, making; SET synchronous_commit = off; SET session_replication_role = replica;
SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'; SET enable_mergejoin = off; SET enable_nestloop = off;
SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0; SET jit = off
"""


def connected(address: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection on which nothing is checked."""
    connection = psycopg.connect(address, autocommit=True)
    connection.execute(sql(_SETTINGS))
    return connection


def side_by_side(address: str, statements: Iterable[Query]) -> None:
    """Run all the statements, the first ones first, each when one of the lanes is free."""
    waiting = deque(statements)

    def lane() -> None:
        with connected(address) as connection, suppress(IndexError):
            while True:
                connection.execute(waiting.popleft())

    with ThreadPoolExecutor(LANES) as pool:
        for done in [pool.submit(lane) for _ in range(LANES)]:
            done.result()


def wording(count: int) -> Iterator[tuple[Any, ...]]:
    """So many texts: number, title, body, both normalised, and their bigrams."""
    chance = Random(1)
    for n in range(count):
        title, body = prose.title(chance), prose.body(chance)
        normal = search.normal(f"{title}\n{body}")
        yield n, title, body, normal, search.bigrams(normal)


def copy(cursor: Cursor, into: str, lines: Iterable[Sequence[Any]]) -> None:
    """Write lines into a table, given with its columns."""
    with cursor.copy(sql(f"COPY {into} FROM STDIN")) as copy:
        for line in lines:
            copy.write_row(line)


def statements(file: str, **values: str) -> list[Query]:
    """The parts of one of the files beside this one, `values` put in, that may run side by side."""
    parts = Path(__file__).with_name(file).read_text(encoding="utf-8").split("\n\n")
    for name, value in values.items():
        parts = [part.replace(f"{{{name}}}", value) for part in parts]
    return [sql(part) for part in parts if not part.startswith("--")]


@contextmanager
def without_indexes(address: str, cursor: Cursor) -> Iterator[None]:
    """All but primary keys are made anew once the rows are there, which takes a fraction of the time.

    The largest, of all words, comes first, behind the constraints: these want their tables for themselves.
    """
    cursor.execute(
        "SELECT k.conrelid::regclass::text, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k"
        " WHERE k.connamespace = 'public'::regnamespace AND k.contype = 'u'"
    )
    unique = [(table, f"CONSTRAINT {name}", definition) for table, name, definition in cursor.fetchall()]
    cursor.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam"
        " WHERE c.relnamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY a.amname = 'gin' DESC"
    )
    indexes = cursor.fetchall()
    for table, name, _ in unique:
        cursor.execute(sql(f"ALTER TABLE {table} DROP {name}"))
    for name, _ in indexes:
        cursor.execute(sql(f"DROP INDEX {name}"))
    yield
    again = [f"ALTER TABLE {table} ADD {name} {definition}" for table, name, definition in unique]
    side_by_side(address, [sql(statement) for statement in (*again, *(definition for _, definition in indexes))])


def sql(text: str) -> SQL:
    """Our own words, no one else's."""
    return SQL(text)  # type: ignore[arg-type] # it wants literals
