"""Every list is measured in a big city too, and what measures it still runs."""

from pathlib import Path

import pytest
from flask import Flask

import bench.stores
from bench.big import desk, figures, lists, stage, sweep
from bench.limits import LIMITS
from tests.stores import server

WAITING = 1000
FEW = 2000  # Both cities are filled alike, so that all their pages are.


def test_every_route_that_answers_with_a_list_has_a_line(app: Flask) -> None:
    assert lists.without_a_line(app) == set()


def test_a_list_without_a_line_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "ASKED", [asked for asked in lists.ASKED if asked[0] != "units"])
    assert lists.without_a_line(app) == {"catalogue.list_units"}


def test_a_small_city_is_filled_and_every_list_of_it_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as url:
        monkeypatch.setattr(bench.stores, "SERVER", url)
        with stage.cities(tmp_path / "one", FEW) as (one,), stage.cities(tmp_path / "other", FEW) as (other,):
            measured = [line.name for line in lists.lines(one, other) if not (line.ours(1)(), line.floor(1)())[0]]
    assert len(measured) > len(lists.ASKED)


def test_a_desk_with_few_that_wait_is_filled_and_its_queue_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server() as url:
        monkeypatch.setattr(bench.stores, "SERVER", url)
        with desk.desks(tmp_path / "one", WAITING) as (one,), desk.desks(tmp_path / "other", WAITING) as (other,):
            measured = [line.name for line in desk.lines(one, other) if not (line.ours(1)(), line.floor(1)())[0]]
    assert len(measured) > len(desk.ASKED) + len(desk.COUNTS)


def test_figures_of_few_cases_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as url:
        monkeypatch.setattr(bench.stores, "SERVER", url)
        with figures.offices(tmp_path, 300) as (office,):
            read = [line.name for line in figures.lines(office, office) if not (line.ours(1)(), line.floor(1)())[0]]
    assert set(read) < set(LIMITS)


def test_what_is_due_among_few_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as url:
        monkeypatch.setattr(bench.stores, "SERVER", url)
        with sweep.keepers(tmp_path, 300) as (keeper,):
            (line,) = sweep.lines(keeper, keeper)
            line.ours(1)()
            line.floor(1)()
