"""A version of a scheme is loaded beside the one before, holds from its day on, and takes nothing from old cases."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select

from participate.catalogue import exporting, queries
from participate.catalogue.models import Category, Condition, Scheme
from participate.catalogue.service import Counts, import_categories, import_folder, import_schemes
from participate.kernel.db import rows, transaction
from tests.catalogue.sheets import Line, refused, write
from tests.conftest import HeldClock
from tests.steps import Way

CATEGORY = {
    "kind": "component",
    "major_code": "01",
    "category_code": "0101",
    "scheme": "gb",
    "condition_code": "0101-1",
    "name_zh": "缺失",
    "name_en": "Missing",
    "limit_value": "2",
    "clock": "work_day",
    "photo_required": "no",
    "closing_zh": "已复位",
    "closing_en": "Put back",
}


def scheme(code: str, version: str, prefix: str, valid_from: str = "", valid_until: str = "") -> Line:
    named = {"code": code, "version": version, "prefix": prefix, "name_zh": "部件与事件", "name_en": "Urban matters"}
    return named | {"valid_from": valid_from, "valid_until": valid_until}


def category(version: str, name: str, **other: str) -> Line:
    return CATEGORY | {"version": version, "category_name_zh": name, "category_name_en": name} | other


SCHEMES = [
    scheme("cjt", "2007", "c07.", "2007-01-01"),
    scheme("gb", "2013", "", "2013-12-01"),
    scheme("gb", "2026", "g26.", "2026-12-01"),
    scheme("gb", "next", "gx."),
]
CATEGORIES = [
    category("2007", "上水井盖", scheme="cjt"),
    category("2013", "井盖"),
    category("2026", "检查井盖", name_zh="缺失或移位"),
    category("next", "井盖", major_code="07"),
]
IN_DECEMBER = datetime(2026, 11, 30, 16, tzinfo=UTC)  # Midnight in the city.


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    write(tmp_path / "schemes.csv", SCHEMES)
    write(tmp_path / "categories.csv", CATEGORIES)
    return tmp_path


def listed(way: Way, **asked: str) -> list[tuple[str, str, str]]:
    found = way.people.nobody().get("/v1/categories", query_string={"limit": "100"} | asked).get_json()["items"]
    return [(item["code"], item["minor_code"], item["name_en"]) for item in found]


def test_the_same_digits_mean_different_things_and_the_day_decides(way: Way, sheets: Path, clock: HeldClock) -> None:
    import_folder(sheets)
    both = [("0101", "0101", "井盖"), ("c07.0101", "0101", "上水井盖")]
    assert listed(way, minor="0101") == listed(way, major="01", kind="component") == both
    assert listed(way, minor="0101", scheme="gb") == both[:1]
    assert listed(way, scheme="gb", version="next") == [("gx.0101", "0101", "井盖")]
    assert listed(way, major="07") == listed(way, kind="service") == listed(way, minor="07") == []
    states = {item["version"]: item["state"] for item in way.people.nobody().get("/v1/schemes").get_json()["items"]}
    assert states == {"1": "current", "2007": "current", "2013": "current", "2026": "draft", "next": "draft"}
    assert refusal(way, "g26.0101") == [("category", "code_draft")]
    before = way.accepted(category="0101", details={"condition": "0101-1"})
    waiting = way.hand_in(category="0101")

    clock.moment = IN_DECEMBER
    new = [both[1], ("g26.0101", "0101", "检查井盖")]
    assert listed(way, minor="0101") == new
    assert refusal(way, "0101") == [("category", "code_retired")]
    assert listed(way, code="0101") == both[:1], "who has an old case still reads its words"
    shown = way.people.nobody().get(f"/v1/submissions/{before}").get_json()
    assert (shown["category"], shown["details"]) == ("0101", {"condition": "0101-1"})
    assert queries.limit_for("0101", "0101-1") == (2, "work_day")
    amended = way.decide(waiting, "accept", edits={"details": {"condition": "0101-1"}})
    assert amended.status_code == 200, "what it is filed under already may stay"
    assert way.accepted(category="g26.0101", details={"condition": "g26.0101-1"})


def refusal(way: Way, category: str) -> list[tuple[str, str]]:
    body = {"kind": "micro_suggestion", "body": "井盖松动，请检查。", "category": category}
    answer = way.author.post("/v1/submissions", body)
    assert answer.status_code == 422
    assert all("version" in error["message"] or "版本" in error["message"] for error in answer.get_json()["errors"])
    return [(error["field"], error["code"]) for error in answer.get_json()["errors"]]


@pytest.mark.usefixtures("app")
def test_every_version_is_given_out_by_itself_and_all_together_become_the_same_again(sheets: Path) -> None:
    import_folder(sheets)
    assert exporting.categories("gb", "2026").splitlines()[1].startswith("0101,检查井盖,")
    assert len(exporting.categories("gb").splitlines()) == 1 + 3
    tables = [sorted(rows(select(model.__table__))) for model in (Category, Condition)]
    given = {name: sheet() for name, sheet in exporting.SHEETS.items()}
    for name, text in given.items():
        (sheets / f"{name}.csv").write_bytes(text.encode())
    unchanged = import_folder(sheets)
    assert {counts.added + counts.changed for counts in unchanged.values()} == {0}
    with transaction() as session:
        for model in (Condition, Category, Scheme):
            session.execute(delete(model))
    assert import_folder(sheets)["conditions"] == Counts(4, 0, 0)
    assert [sorted(rows(select(model.__table__))) for model in (Category, Condition)] == tables
    assert {name: sheet() for name, sheet in exporting.SHEETS.items()} == given


@pytest.mark.usefixtures("app")
def test_what_is_wrong_with_versions_is_named_by_row(sheets: Path, tmp_path: Path) -> None:
    import_folder(sheets)
    path = tmp_path / "sheet.csv"
    wrong = [
        scheme("gb", "2013", "old.", "2013-12-01"),
        scheme("gb", "2030", "?", "soon"),
        scheme("gb", "2031", "", "2031-01-01", "2031-01-01"),
        scheme("gb", "2032", "", "", "2031-01-01"),
        scheme("gb", "2013", "", "2013-12-01"),
    ]
    assert refused(import_schemes, write(path, wrong)) == [
        ("2.prefix", "prefix_fixed"),
        ("3.prefix", "form"),
        ("3.valid_from", "type"),
        ("4.valid_until", "until_order"),
        ("5.valid_until", "until_order"),
        ("6.code", "same_as_row"),
    ]
    unknown = category("1999", "井盖", category_code="0199", condition_code="0199-1")
    long = category("2026", "井盖", category_code="0" * 37, condition_code="1")
    assert refused(import_categories, write(path, [unknown, long])) == [
        ("2.version", "unknown_version"),
        ("3.category_code", "length"),
    ]


def test_a_version_can_end_without_another(app: Flask, sheets: Path, tmp_path: Path, clock: HeldClock) -> None:
    import_folder(sheets)
    import_schemes(write(tmp_path / "sheet.csv", [scheme("gb", "2026", "g26.", "2026-12-01", "2027-01-01")]))

    def codes() -> list[str]:
        return [item["code"] for item in queries.categories(100, scheme="gb")["items"]]

    clock.moment = IN_DECEMBER
    assert codes() == ["g26.0101"]
    clock.moment = datetime(2027, 1, 2, tzinfo=UTC)
    assert codes() == []
