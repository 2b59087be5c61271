"""The catalogue that ships with the package: wide enough, in both languages, and never in an editor's way."""

from collections import Counter
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from participate.catalogue.calendar import Clock
from participate.catalogue.models import Category, Condition, Service, Unit
from participate.catalogue.queries import categories, category, limit_for, service, services, unit, units
from participate.catalogue.service import Counts, import_categories, import_services, import_units, seed_starter
from participate.kernel.db import db, rows, transaction
from participate.kernel.errors import Missing

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def seeded(app: Flask) -> dict[str, Counts]:
    return seed_starter()


def test_it_covers_events_components_services_and_units(seeded: dict[str, Counts]) -> None:
    assert seeded["categories"].added >= 40
    assert seeded["conditions"].added >= 60
    assert seeded["services"].added == 43
    assert seeded["units"].added >= 6
    found = rows(select(Category.kind, Category.scheme, Category.version).distinct())
    assert set(found) == {("event", "participate", "1"), ("component", "participate", "1")}


def test_every_major_class_has_its_conditions_and_limits_run_by_all_four_clocks() -> None:
    joined = select(Category.kind, Category.major_code, Condition.clock).join_from(Category, Condition)
    found = rows(joined)
    per_class = Counter((row.kind, row.major_code) for row in found)
    assert Counter(kind for kind, _ in per_class) == {"event": 6, "component": 5}
    assert min(per_class.values()) >= 5
    assert {row.clock for row in found} == set(Clock)
    assert len({row.major_code for row in rows(select(Service.major_code))}) >= 5


@pytest.mark.parametrize(
    ("name", "verb"),
    [("categories.csv", import_categories), ("services.csv", import_services), ("units.csv", import_units)],
)
def test_its_sheets_pass_every_check_that_a_citys_own_would(
    name: str, verb: Callable[[Path], dict[str, Counts]]
) -> None:
    with as_file(files("participate.catalogue") / "starter" / name) as path:
        assert {counts.added + counts.changed for counts in verb(path).values()} == {0}


def test_seeding_twice_adds_nothing_and_keeps_edits() -> None:
    with transaction() as session:
        session.execute(update(Condition).where(Condition.code == "C0101-3").values(limit_value=1))
    again = seed_starter()
    assert {counts.added + counts.changed for counts in again.values()} == {0}
    assert limit_for("C0101", "C0101-3") == (1, "urgent_hour")


def test_a_limit_hangs_on_the_condition_and_the_usual_one_stands_for_none() -> None:
    assert limit_for("C0101", "C0101-3") == (2, "urgent_hour")
    assert limit_for("C0101") == limit_for("C0101", "C0101-1") == (2, "work_day")
    for wrong in (("C0101", "C0102-1"), ("C0101", "none"), ("none", None)):
        with pytest.raises(Missing):
            limit_for(*wrong)


def test_categories_come_by_code_with_their_conditions_page_by_page_in_four_statements() -> None:
    statements, found, cursor = list[str](), list[dict[str, object]](), None
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    pages = 0
    while pages == 0 or cursor:
        page = categories(5, cursor)
        found, cursor, pages = found + page["items"], page["next"], pages + 1
    assert len(statements) == 4 * pages
    assert [item["code"] for item in found] == sorted(row.code for row in rows(select(Category.code)))
    conditions = {row.code: row.category_code for row in rows(select(Condition.code, Condition.category_code))}
    assert conditions == {c["code"]: item["code"] for item in found for c in item["conditions"]}  # type: ignore[attr-defined]


def test_what_is_inactive_is_not_offered_but_still_known() -> None:
    with transaction() as session:
        session.execute(update(Category).where(Category.code == "E0101").values(active=False))
        session.execute(update(Service).where(Service.code == "S0101").values(active=False))
    assert "E0101" not in {item["code"] for item in categories(100)["items"]}
    assert "S0101" not in {item["code"] for item in services(100)["items"]}
    assert category("E0101") is not None
    assert service("S0101") is not None
    assert limit_for("E0101") == (4, "work_hour")


def test_units_are_listed_by_the_subtree_of_an_area() -> None:
    everywhere = units(100)["items"]
    with transaction() as session:
        session.execute(update(Unit).where(Unit.id == everywhere[0]["id"]).values(area_code="990102"))
        session.execute(update(Unit).where(Unit.id == everywhere[1]["id"]).values(area_code="990101002"))
    inside = [item["id"] for item in units(100, area="990101")["items"]]
    assert inside == [item["id"] for item in everywhere[2:]] + [everywhere[1]["id"]]
    assert [item["id"] for item in units(100, area="990101002")["items"]] == [everywhere[1]["id"]]
    first = units(2, area="990101")
    assert [item["id"] for item in units(100, first["next"], "990101")["items"]] == inside[2:]
    found = unit(everywhere[0]["id"])
    assert found is not None
    assert found.area_code == "990102"
