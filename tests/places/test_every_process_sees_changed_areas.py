"""Areas that change are found by every process within a second, without a restart and without a pause."""

from threading import Event, Thread, current_thread
from typing import Any

import pytest
import shapely
from flask import Flask
from sqlalchemy import event

from participate.kernel.db import db, transaction
from participate.places.boundaries import to_wkb
from participate.places.drafts import Draft
from participate.places.locate import Index, Locator, locate, locator
from participate.places.service import store

CELL = "430102001001001"


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def _cell(west: float, name: str = "网格") -> Draft:
    return Draft(CELL, name, to_wkb(shapely.box(west, 28, west + 0.1, 28.1)))


def _found(source: Locator, lon: float) -> str | None:
    return source.index().locate(28.05, lon).cell


def test_another_process_sees_a_change_after_a_second(app: Flask, other_process: Flask) -> None:
    clock = Clock()
    theirs = Locator(clock)
    with other_process.app_context():
        store([_cell(112)])
    assert _found(theirs, 112.05) == CELL
    with other_process.app_context():
        store([_cell(113)])
    clock.seconds += 0.9
    assert _found(theirs, 112.05) == CELL
    clock.seconds += 0.2
    assert _found(theirs, 112.05) is None
    assert _found(theirs, 113.05) == CELL


def test_two_apps_keep_an_index_each(app: Flask, other_process: Flask) -> None:
    store([_cell(112)])
    assert locate(28.05, 112.05).cell == CELL
    mine = locator()
    with other_process.app_context():
        assert locate(28.05, 112.05).cell == CELL
        assert locator() is not mine


def test_the_process_that_changes_areas_sees_it_at_once(app: Flask) -> None:
    store([_cell(112)])
    assert locate(28.05, 112.05).cell == CELL
    store([_cell(113)])
    assert locate(28.05, 113.05).cell == CELL


def test_an_index_is_kept_until_a_boundary_changes(app: Flask) -> None:
    clock = Clock()
    store([_cell(112)])
    source = Locator(clock)
    before = source.index()
    clock.seconds += 2
    store([_cell(112, "改了名")])
    assert source.index() is before


def test_it_asks_once_a_second_however_many_points_come(app: Flask) -> None:
    clock, asked = Clock(), list[str]()
    store([_cell(112)])
    source = Locator(clock)
    source.index()
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cur, statement, *_: asked.append(statement))
    for _ in range(100):
        clock.seconds += 0.05
        source.index().locate(28.05, 112.05)
    assert 4 <= len(asked) <= 5


def test_what_was_rolled_back_is_not_kept(app: Flask) -> None:
    store([_cell(112)])
    source = Locator(clock := Clock())
    with pytest.raises(InterruptedError), transaction():
        store([_cell(113)])
        assert _found(source, 113.05) == CELL
        raise InterruptedError
    store([_cell(114)])
    clock.seconds += 2
    assert _found(source, 113.05) is None
    assert _found(source, 114.05) == CELL


def test_an_index_is_of_one_moment_however_long_it_takes_to_read(app: Flask, other_process: Flask) -> None:
    """All cells move east while they are being read, some at a time: the index must not hold the first as they were."""

    def move(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "area_boundaries" in statement and not moved:
            moved.append(statement)
            with other_process.app_context():
                store(_row_of_cells(113))

    moved = list[str]()
    store(_row_of_cells(112))
    event.listen(db.engine, "after_cursor_execute", move)
    index = Locator(Clock()).index()
    event.remove(db.engine, "after_cursor_execute", move)
    assert moved
    assert index.locate(28.05, 112.05).cell is None
    assert index.locate(28.05, 113.05).cell == CELL


def _row_of_cells(west: float) -> list[Draft]:
    """As many as are read in two times, from west to east, the most of them far away."""
    codes = [f"430102001{community:03}{cell:03}" for community in (1, 2) for cell in range(1, 400)]
    places = [west, *(west + 10 + number / 1000 for number in range(1, len(codes)))]
    return [
        Draft(code, "网格", to_wkb(shapely.box(place, 28, place + 0.1, 28.1)))
        for code, place in zip(codes, places, strict=True)
    ]


def test_while_one_renews_the_others_use_the_index_before(app: Flask) -> None:
    renewing, may_go_on = Event(), Event()

    def clock() -> float:
        """Seconds that stop in the renewing thread once it has taken the work upon itself."""
        if current_thread().name == "renewer" and source._building.locked():
            renewing.set()
            assert may_go_on.wait(10)
        return 200.0 if current_thread().name == "renewer" else 100.0

    store([_cell(112)])
    source = Locator(clock)
    before = source.index()
    store([_cell(113)])
    renewed: list[Index] = []

    def renew() -> None:
        with app.app_context():
            renewed.append(source.index())

    thread = Thread(target=renew, name="renewer")
    thread.start()
    assert renewing.wait(10)
    source.expire()
    assert source.index() is before
    may_go_on.set()
    thread.join()
    assert renewed[0] is not before
    assert _found(source, 113.05) == CELL
