"""Writers of one SQLite file come in the order in which they asked, from any thread or process; nobody is stuck."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from participate.kernel import connections, deadlines, outbox, writers
from participate.kernel.clock import now
from participate.kernel.db import db, is_sqlite, one, transaction
from participate.kernel.ids import new_id
from participate.kernel.outbox import OutboxFact
from participate.kernel.writers import Line

# A process that stands in the line until a line of its input ends, or for ever.
_OTHER = """
import sys
from pathlib import Path
from participate.kernel.writers import line
place = line(Path(sys.argv[1])).join(30)
print("in", flush=True)
sys.stdin.readline()
place.leave()
print("out", flush=True)
sys.stdin.readline()
"""


class Other:
    """Another process that has come to its turn."""

    def __init__(self, path: Path) -> None:
        command, pipe = [sys.executable, "-c", _OTHER, str(path)], subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)

    def says(self) -> str:
        """What it says next."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        """Let it leave."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.db"


@pytest.fixture
def other(path: Path) -> Iterator[Callable[[], Other]]:
    made = list[Other]()

    def start() -> Other:
        made.append(Other(path))
        return made[-1]

    yield start
    for each in made:
        each.process.kill()
        each.process.wait()


def _ask(line: Line, came: list[int], number: int) -> Thread:
    """A thread that stands in the line and notes when it comes to its turn; returns once it stands there."""

    def stand() -> None:
        place = line.join(10)
        came.append(number)
        place.leave()

    before, thread = line.tickets(), Thread(target=stand)
    thread.start()
    while line.tickets() == before:
        time.sleep(0.001)
    return thread


def test_threads_come_in_the_order_in_which_they_asked(path: Path) -> None:
    line, came = writers.line(path), list[int]()
    place = line.join(1)
    threads = [_ask(line, came, number) for number in range(8)]
    assert came == []
    place.leave()
    for thread in threads:
        thread.join(10)
    assert came == list(range(8))


def test_a_process_waits_for_those_before_it_and_holds_up_those_behind_it(
    path: Path, other: Callable[[], Other]
) -> None:
    line, came = writers.line(path), list[int]()
    place = line.join(1)
    first = _ask(line, came, 1)
    before, second = line.tickets(), other()
    while line.tickets() == before:
        time.sleep(0.001)
    third = _ask(line, came, 3)
    place.leave()
    first.join(10)
    assert second.says() == "in"
    assert came == [1]
    second.go_on()
    assert second.says() == "out"
    third.join(10)
    assert came == [1, 3]


def test_who_is_killed_at_its_turn_holds_up_nobody(path: Path, other: Callable[[], Other]) -> None:
    dead = other()
    assert dead.says() == "in"
    dead.process.kill()
    dead.process.wait()
    writers.line(path).join(1).leave()


def test_who_waits_too_long_steps_out_and_the_next_moves_up(path: Path) -> None:
    line, came = writers.line(path), list[int]()
    place = line.join(1)
    with pytest.raises(TimeoutError):
        line.join(0.01)
    thread = _ask(line, came, 1)
    place.leave()
    thread.join(10)
    assert came == [1]


def test_a_forked_child_waits_for_its_parent_like_anybody(path: Path) -> None:
    place = writers.line(path).join(1)
    child = os.fork()
    if not child:
        try:
            writers.line(path).join(0.05)
        except TimeoutError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    place.leave()


def test_transactions_of_all_threads_land_and_none_is_left_in_the_line(app: Flask) -> None:
    def write() -> None:
        for _ in range(5):
            with app.app_context(), transaction():
                outbox.record("thing.happened", "thing", new_id())

    threads = [Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    found = one(select(func.count()).select_from(OutboxFact))
    assert found is not None
    assert found[0] == 80
    if is_sqlite():
        assert not writers.line(Path(str(db.engine.url.database)))._here


def test_who_waits_in_vain_is_told_that_the_database_is_busy_and_a_reader_is_not(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_sqlite():
        pytest.skip("PostgreSQL has no line of writers")
    monkeypatch.setattr(connections, "LOCK_WAIT_MS", 50)
    inside, done = Event(), Event()

    def hold() -> None:
        with app.app_context(), transaction():
            deadlines.start("thing", new_id(), "look", "calendar_day", now())
            inside.set()
            done.wait(10)

    holder = Thread(target=hold)
    holder.start()
    assert inside.wait(10)
    with pytest.raises(OperationalError), transaction():
        outbox.record("thing.happened", "thing", new_id())
    assert one(select(func.count()).select_from(OutboxFact)) == (0,)
    done.set()
    holder.join(10)
    with transaction():
        outbox.record("thing.happened", "thing", new_id())
