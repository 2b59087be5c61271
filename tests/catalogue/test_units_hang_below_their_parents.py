"""Unit sheets: a parent stands above or is there already, and nobody is below themselves."""

from pathlib import Path

import pytest

from participate.catalogue.queries import unit
from participate.catalogue.service import Counts, import_units
from tests.catalogue.sheets import Line, refused, write

pytestmark = pytest.mark.usefixtures("app")


def id_of(number: int) -> str:
    return f"019a0000-0000-7000-8000-{number:012}"


def line(number: int, parent: int | None = None, **cells: str) -> Line:
    found = {
        "id": id_of(number),
        "name_zh": f"单位{number}",
        "name_en": f"Unit {number}",
        "parent_id": "" if parent is None else id_of(parent),
        "area_code": "430104",
    }
    return found | cells


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "units.csv"


def parents(*numbers: int) -> list[str | None]:
    return [found.parent_id for number in numbers if (found := unit(id_of(number)))]


def test_a_parent_stands_above_in_the_sheet_or_in_the_database(path: Path) -> None:
    assert import_units(write(path, [line(1), line(2, 1), line(3, 2)])) == {"units": Counts(3, 0, 0)}
    assert import_units(write(path, [line(4, 3)])) == {"units": Counts(1, 0, 0)}
    assert parents(1, 2, 3, 4) == [None, id_of(1), id_of(2), id_of(3)]


def test_a_missing_parent_is_named_by_row_and_nothing_goes_in(path: Path) -> None:
    lines = [line(1), line(2, 9), line(3, 4), line(4, 1), line(5, 8)]
    missing = [(f"{row}.parent_id", "parent_missing") for row in (3, 4, 6)]
    assert refused(import_units, write(path, lines)) == missing
    assert parents(1, 4) == []


def test_a_parent_whose_own_line_has_a_fault_is_not_missing(path: Path) -> None:
    lines = [line(1, area_code="?"), line(2, 1)]
    assert refused(import_units, write(path, lines)) == [("2.area_code", "form")]


def test_a_line_with_another_fault_still_hears_of_its_parent(path: Path) -> None:
    lines = [line(1), line(2, 9, name_zh="")]
    assert refused(import_units, write(path, lines)) == [("3.name_zh", "required"), ("3.parent_id", "parent_missing")]


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        ([line(7, 7)], [2]),
        ([line(1, 3)], [2]),
        ([line(1, 2), line(3)], [2]),
        ([line(1, 3), line(2, 1)], [2, 3]),
        ([line(4, 1), line(1, 4)], [2, 3]),
    ],
)
def test_nobody_is_below_themselves(path: Path, lines: list[Line], rows: list[int]) -> None:
    import_units(write(path, [line(1), line(2, 1), line(3, 2)]))
    assert refused(import_units, write(path, lines)) == [(f"{row}.parent_id", "parent_circle") for row in rows]
    assert parents(1, 2, 3) == [None, id_of(1), id_of(2)]


def test_above_and_below_may_change_places_in_one_sheet(path: Path) -> None:
    import_units(write(path, [line(1), line(2, 1)]))
    assert import_units(write(path, [line(1, 2), line(2)])) == {"units": Counts(0, 2, 0)}
    assert parents(1, 2) == [id_of(2), None]


def test_a_unit_that_is_no_longer_active_stays_known(path: Path) -> None:
    import_units(write(path, [line(1)]))
    assert import_units(write(path, [line(1, active="no")])) == {"units": Counts(0, 1, 0)}
    found = unit(id_of(1))
    assert found is not None
    assert found.active is False


def test_an_id_twice_is_a_fault(path: Path) -> None:
    assert refused(import_units, write(path, [line(1), line(1)])) == [("3.id", "same_as_row")]


def test_a_dry_run_counts_and_writes_nothing(path: Path) -> None:
    assert import_units(write(path, [line(1), line(2, 1)]), dry_run=True) == {"units": Counts(2, 0, 0)}
    assert parents(1, 2) == []
