"""Export and import undo one another: unchanged where the rows still are, the same rows where there are none."""

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import delete, select, update

from participate.catalogue import exporting
from participate.catalogue.models import Category, Condition, Question, Scheme, Service, Unit
from participate.catalogue.service import (
    Counts,
    import_categories,
    import_questions,
    import_schemes,
    import_services,
    import_units,
    seed_starter,
)
from participate.cli import main
from participate.kernel.db import Model, rows, transaction
from tests.stores import Stores

pytestmark = pytest.mark.usefixtures("starter")
Import = Callable[[Path], dict[str, Counts]]
Export = Callable[[], str]
SHEETS: dict[str, tuple[Import, Export, tuple[type[Model], ...]]] = {
    "schemes": (import_schemes, exporting.schemes, (Scheme,)),
    "categories": (import_categories, exporting.categories, (Category, Condition)),
    "services": (import_services, exporting.services, (Service,)),
    "questions": (import_questions, exporting.questions, (Question,)),
    "units": (import_units, exporting.units, (Unit,)),
}
# What spreadsheets and CSV trip over: formulas, quotes, commas, line breaks of each kind, other planes.
AWKWARD = [
    "=SUM(A1:A9)",
    "-1+2",
    "@x",
    'say "no", or',
    "上行\n下行",
    "上行\r\n下行",
    "上行\r下行",
    "𠮷野家🚲",
    "0012",
    "yes",
]


@pytest.fixture
def starter(app: Flask) -> None:
    seed_starter()


@pytest.fixture(params=SHEETS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def stored(name: str) -> list[list[Any]]:
    return [sorted(rows(select(model.__table__)), key=lambda row: str(row[0])) for model in SHEETS[name][2]]


def kept(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def empty(name: str) -> None:
    with transaction() as session:
        for model in reversed(SHEETS[name][2]):
            session.execute(delete(model))


def make_awkward() -> None:
    with transaction() as session:
        for model, key in ((Condition, "code"), (Service, "code"), (Unit, "id")):
            for text, row in zip(AWKWARD, rows(select(model.__table__)), strict=False):
                chosen = update(model).where(getattr(model, key) == getattr(row, key))
                session.execute(chosen.values(name_zh=text))
        session.execute(update(Category).where(Category.code == "E0101").values(active=False))
        session.execute(update(Service).where(Service.code == "S0101").values(active=False))


def test_what_is_there_is_unchanged_by_its_own_export(name: str, tmp_path: Path) -> None:
    make_awkward()
    bring_in, give_out, _ = SHEETS[name]
    before = stored(name)
    counts = bring_in(kept(tmp_path / "sheet.csv", give_out()))
    assert counts == {table: Counts(0, 0, len(found)) for table, found in zip(counts, before, strict=True)}
    assert stored(name) == before


def test_an_empty_database_becomes_what_the_other_was(name: str, tmp_path: Path) -> None:
    make_awkward()
    bring_in, give_out, _ = SHEETS[name]
    before, sheet = stored(name), give_out()
    empty(name)
    bring_in(kept(tmp_path / "sheet.csv", sheet))
    assert stored(name) == before
    assert give_out() == sheet


def test_units_come_after_their_parents_whatever_their_ids(tmp_path: Path) -> None:
    first, second, third = (row.id for row in rows(select(Unit.id).order_by(Unit.id).limit(3)))
    with transaction() as session:
        session.execute(update(Unit).values(parent_id=None))
        session.execute(update(Unit).where(Unit.id == first).values(parent_id=second))
        session.execute(update(Unit).where(Unit.id == second).values(parent_id=third))
    before, sheet = stored("units"), exporting.units()
    empty("units")
    import_units(kept(tmp_path / "sheet.csv", sheet))
    assert stored("units") == before


def test_the_command_writes_to_a_file_that_its_import_takes_or_to_the_screen(
    name: str, stores: Stores, tmp_path: Path
) -> None:
    def run(*words: str) -> tuple[int, bytes]:
        result = CliRunner().invoke(main, [name, *words], env=stores.environment(), catch_exceptions=False)
        return result.exit_code, result.stdout_bytes

    path = tmp_path / "sheet.csv"
    assert run("export", str(path)) == (0, b"")
    assert path.read_bytes().decode("utf-8-sig") == SHEETS[name][1]()
    code, shown = run("export")
    assert (code, shown.decode()) == (0, SHEETS[name][1]())
    code, said = run("import", str(path))
    assert code == 0
    assert b"0 added, 0 changed" in said
    assert run("export", str(tmp_path / "nowhere" / "sheet.csv"))[0] == 1


def test_a_sheet_of_nothing_is_its_heading(name: str) -> None:
    empty(name)
    (heading,) = csv.reader(StringIO(SHEETS[name][1]()))
    assert {"name_zh", "text_zh"} & set(heading)
