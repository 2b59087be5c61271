"""A night's 1,000 deadlines, told of by three sweepers at once, where 1,000,000 are kept and where 10,000 are."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import func, insert, select, text

from bench.big import stage
from bench.lines import Line
from bench.measure import Side
from bench.ours import errors_to
from bench.stores import database
from participate.app import create_app
from participate.cli.migrations import upgrade
from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.kernel.db import db, rows, table, transaction
from participate.kernel.ids import new_id
from participate.kernel.outbox import OutboxFact

MANY, FEW = 1_000_000, 10_000
DUE, SWEEPERS = 1_000, 3
# A third waits, a third was missed and a third was met, over two months; ids grow with time, as ours do.
_FILL = """
INSERT INTO deadlines (id, subject_type, subject_id, duty, clock, started_at, due_at, settled_at, fired_at)
SELECT making.id, 'thing', making.id, 'look', 'calendar_day', making.at - interval '1 day', making.at,
    CASE WHEN making.n % 3 = 1 THEN making.at END, CASE WHEN making.n % 3 = 2 THEN making.at END
FROM (
    SELECT n, ('01800000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id,
        now() + (CASE WHEN n % 3 = 0 THEN 1 ELSE -1 END) * (interval '1 day' + n * interval '30 days' / :count) AS at
    FROM generate_series(1, :count) AS n
) AS making
"""
_MAINTAINED = ("VACUUM ANALYZE deadlines", "CHECKPOINT")


@contextmanager
def keepers(folder: Path, *counts: int) -> Iterator[list[Flask]]:
    """The service on a PostgreSQL database that keeps so many deadlines, for each of the counts. Raises NoServer."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(errors_to(folder / "log"))
        yield [stack.enter_context(_keeper(folder / str(count), count)) for count in counts]


@contextmanager
def _keeper(folder: Path, count: int) -> Iterator[Flask]:
    folder.mkdir(parents=True)
    with database("postgresql", folder) as url:
        app = create_app(stage.settings(url, folder))
        with app.app_context():
            upgrade()
            with transaction() as session:
                session.execute(text(_FILL), {"count": count})
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for statement in _MAINTAINED:
                    connection.execute(text(statement))
        yield app
        with app.app_context():
            _check()
            db.engine.dispose()


def lines(many: Flask, few: Flask) -> Iterator[Line]:
    """The sweep at `many` beside the same at `few`."""
    yield Line(f"sweep of {DUE:,} due among {MANY:,}", _sweeping(many), _sweeping(few), 1)


def _sweeping(app: Flask) -> Side:
    def prepare(_calls: int) -> Callable[[], None]:
        with app.app_context():
            _fall_due()

        def run() -> None:
            with ThreadPoolExecutor(SWEEPERS) as pool:
                told = sum(pool.map(_sweep_all, [app] * SWEEPERS))
            assert told == DUE, f"{told} were told of"

        return run

    return prepare


def _check() -> None:
    """Each was told of once, over all rounds."""
    subject = OutboxFact.subject_id
    told, subjects = rows(select(func.count(), func.count(subject.distinct())).select_from(OutboxFact))[0]
    assert told == subjects and told % DUE == 0, f"{told} facts tell of {subjects} deadlines"


def _fall_due() -> None:
    at = now()
    kept = {"subject_type": "thing", "duty": "look", "clock": "calendar_day", "started_at": at - timedelta(days=1)}
    kept["due_at"] = at - timedelta(minutes=1)
    with transaction() as session:
        due = [kept | {"id": new_id(), "subject_id": new_id()} for _ in range(DUE)]
        session.execute(insert(table(deadlines.Deadline)), due)


def _sweep_all(app: Flask) -> int:
    told = 0
    with app.app_context():
        while fresh := deadlines.sweep():
            told += fresh
    return told
