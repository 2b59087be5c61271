"""A big consultation: its picture drawn in the worker, and what is put next to somebody beside a plain page of it."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

import numpy as np
from sqlalchemy import Table, insert, select

from bench.big.laying import copy
from bench.lines import getting
from bench.measure import Measured, asking, compare
from bench.ours import Service
from participate.accounts.models import Account
from participate.consultations import drawing
from participate.consultations.models import Consultation, Statement, Vote
from participate.consultations.service import opened
from participate.kernel.clock import now
from participate.kernel.db import db, execute, is_sqlite, one, table, transaction
from participate.kernel.ids import new_id
from participate.kernel.outbox import Fact
from participate.submissions.models import Submission

PEOPLE, STATEMENTS = 10_000, 500
ALLOWED_MS = 60_000.0  # with the reading of the votes
_SHARE = 0.1  # of the statements a person votes on: as many as people do, of so many
_BATCH, _CALLS = 10_000, 10


def big(service: Service, people: int = PEOPLE, statements: int = STATEMENTS) -> Iterator[tuple[str, Measured]]:
    """The lines of the table, by their names."""
    with service.app.app_context():
        path = f"/v1/consultations/{_debated(people, statements)}/statements"
    consultation_id = path.split("/")[3]
    app, floor = service.app, getting(f"{path}?limit=5", service.author)
    asked = compare(asking(app, getting(f"{path}/next", service.author), 200), asking(app, floor, 200), _CALLS)
    yield "statements to vote on, of 500", asked
    with service.app.app_context():
        fact = Fact(new_id(), "consultation.picture_due", "consultation", consultation_id, {}, datetime.now(UTC))
        began = time.perf_counter()
        drawing.keep(fact, drawing.draw(fact))
        took = (time.perf_counter() - began) * 1000
        found = one(select(Consultation.picture).where(Consultation.id == consultation_id))
        assert found is not None, "nothing was drawn"
        assert len(found.picture["groups"]) == 2, found.picture["groups"]  # Those that it was made of.
    yield "groups of 10,000 on 500 statements", Measured(took, ALLOWED_MS, took / ALLOWED_MS)


def _debated(people: int, statements: int) -> str:
    """A consultation on which two kinds of people have voted; returns its id."""
    found = one(select(Submission.id).where(Submission.kind == "micro_consultation", Submission.public).limit(1))
    assert found is not None, "no consultation is public"
    author, at = one(select(Account.id).limit(1)), now()
    assert author is not None
    opened(found.id)
    stated = [new_id() for _ in range(statements)]
    made = {"consultation_id": found.id, "author_id": author.id, "text": "九点半熄灯。", "state": "shown", "version": 2}
    counts = dict.fromkeys(("agrees", "disagrees", "passes", "extremity"), 0)
    voters = [new_id() for _ in range(people)]
    given = {"display_name": "居民", "language": "zh-Hans", "version": 1, "created_at": at}
    _write(table(Account), (given | {"id": each, "phone": f"+86136{n:08}"} for n, each in enumerate(voters)))
    _write(table(Statement), (made | counts | {"id": each, "created_at": at} for each in stated))
    _write(table(Vote), (vote | {"at": at, "sides": 0} for vote in _votes(voters, stated)))
    return str(found.id)


def _votes(voters: Sequence[str], stated: Sequence[str]) -> Iterator[dict[str, object]]:
    chance = np.random.default_rng(1)
    taste = chance.choice([-1, 1], size=(2, len(stated)))
    for n, voter in enumerate(voters):
        for place in np.flatnonzero(chance.random(len(stated)) < _SHARE):
            value = taste[n % 2, place] * (1 if chance.random() < 0.85 else -1)
            yield {"statement_id": stated[place], "account_id": voter, "value": int(value)}


def _write(into: Table, made: Iterator[dict[str, object]]) -> None:
    """On PostgreSQL by COPY, which takes half a million rows in seconds, where inserts take minutes."""
    if is_sqlite():
        with transaction():
            while batch := list(islice(made, _BATCH)):
                execute(insert(into), batch)
        return
    first = next(made)
    lines = (list(row.values()) for row in chain([first], made))
    connection = db.engine.raw_connection()
    try:
        cursor: Any = connection.cursor()
        copy(cursor, f"{into.name} ({', '.join(first)})", lines)
        cursor.execute(f"ANALYZE {into.name}")
        connection.commit()
    finally:
        connection.close()
