"""Category sheets: every fault is named by its row, one fault stops all, and nothing goes in twice."""

import csv
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from participate.catalogue.models import Category, Condition
from participate.catalogue.queries import condition, limit_for
from participate.catalogue.service import Counts, import_categories
from participate.kernel.db import one
from participate.kernel.errors import Invalid

pytestmark = pytest.mark.usefixtures("app")
GOOD = {
    "category_code": "0101",
    "kind": "component",
    "major_code": "01",
    "category_name_zh": "井盖",
    "category_name_en": "Manhole cover",
    "scheme": "GB/T 30428.2",
    "version": "2013",
    "condition_code": "0101-1",
    "name_zh": "缺失",
    "name_en": "Missing",
    "limit_value": "2",
    "clock": "urgent_hour",
    "photo_required": "yes",
    "closing_zh": "已复位",
    "closing_en": "Put back",
}
SECOND = GOOD | {"condition_code": "0101-2", "name_zh": "响动", "limit_value": "2", "clock": "work_day"}


def sheet(folder: Path, *lines: dict[str, str], encoding: str = "utf-8") -> Path:
    path = folder / "sheet.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(GOOD))
        writer.writeheader()
        writer.writerows(lines)
    return path


def refusal(path: Path) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        import_categories(path)
    return {(fault.field, fault.code) for fault in caught.value.faults}


def stored() -> tuple[int, int]:
    count: Any = one(
        select(
            select(func.count()).select_from(Category).scalar_subquery(),
            select(func.count()).select_from(Condition).scalar_subquery(),
        )
    )
    return tuple(count)  # type: ignore[return-value]


def test_a_sheet_goes_in_and_a_second_time_adds_nothing(tmp_path: Path) -> None:
    path, scheme = sheet(tmp_path, GOOD, SECOND), {"schemes": Counts(1, 0, 0)}
    assert import_categories(path) == scheme | {"categories": Counts(1, 0, 0), "conditions": Counts(2, 0, 0)}
    assert import_categories(path) == {"categories": Counts(0, 0, 1), "conditions": Counts(0, 0, 2)}
    assert stored() == (1, 2)


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    counts = import_categories(sheet(tmp_path, GOOD, SECOND), dry_run=True)
    expected = {"schemes": Counts(1, 0, 0), "categories": Counts(1, 0, 0), "conditions": Counts(2, 0, 0)}
    assert counts == expected
    assert stored() == (0, 0)


def test_a_changed_line_changes_its_row_alone(tmp_path: Path) -> None:
    import_categories(sheet(tmp_path, GOOD, SECOND))
    counts = import_categories(sheet(tmp_path, GOOD, SECOND | {"limit_value": "3"}))
    assert counts["conditions"] == Counts(0, 1, 1)
    assert limit_for("0101", "0101-2") == (3, "work_day")
    assert limit_for("0101", "0101-1") == (2, "urgent_hour")


def test_a_code_that_no_submission_could_name_stays_out(tmp_path: Path) -> None:
    path = sheet(tmp_path, GOOD | {"category_code": "01:01"}, SECOND | {"condition_code": "0101:2"})
    assert refusal(path) == {("2.category_code", "form"), ("3.condition_code", "form")}
    assert stored() == (0, 0)


def test_every_fault_is_named_by_row_and_column_and_nothing_goes_in(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        GOOD,
        SECOND | {"limit_value": "soon", "clock": "fortnight"},
        SECOND | {"condition_code": "", "name_en": "x" * 201},
        SECOND | {"limit_value": "0", "photo_required": "perhaps"},
        SECOND | {"condition_code": "0101-1", "category_name_zh": "井"},
    )
    assert refusal(path) == {
        ("3.limit_value", "type"),
        ("3.clock", "choice"),
        ("4.condition_code", "required"),
        ("4.name_en", "length"),
        ("5.limit_value", "range"),
        ("5.photo_required", "type"),
        ("6.condition_code", "same_as_row"),
        ("6.category_name_zh", "differs_from_row"),
    }
    assert stored() == (0, 0)


def test_a_code_never_takes_on_another_meaning(tmp_path: Path) -> None:
    import_categories(sheet(tmp_path, GOOD))
    assert refusal(sheet(tmp_path, GOOD | {"scheme": "ours"})) == {("2.category_code", "taken_by_scheme")}
    elsewhere = GOOD | {"category_code": "0102"}
    assert refusal(sheet(tmp_path, elsewhere)) == {("2.condition_code", "taken_by_category")}


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    many_lines, blank = GOOD | {"closing_zh": "已复位\n平稳"}, dict.fromkeys(GOOD, "")
    path = sheet(tmp_path, many_lines, blank, SECOND | {"clock": ""})
    assert refusal(path) == {("4.clock", "required")}


def test_a_spreadsheets_byte_order_mark_is_no_part_of_the_heading(tmp_path: Path) -> None:
    import_categories(sheet(tmp_path, GOOD, encoding="utf-8-sig"))
    found = condition("0101-1")
    assert found is not None
    assert found.name_zh == "缺失"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("类别,名称\n".encode("gb18030"), {("file", "not_utf8")}),
        (b'"never closed', {("file", "not_csv")}),
        (b"", {(f"1.{name}", "required") for name in GOOD}),
        (
            f"{','.join(GOOD)},kind,colour\n".encode(),
            {("1.kind", "duplicate_column"), ("1.colour", "unknown")},
        ),
        (f"{','.join(GOOD)}\n{','.join(GOOD.values())},more\n".encode(), {("2.column_16", "unknown")}),
    ],
)
def test_a_file_that_is_no_such_sheet_is_refused(
    tmp_path: Path, content: bytes, expected: set[tuple[str, str]]
) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(content)
    assert refusal(path) == expected


def test_progress_is_told_to_the_last_row(tmp_path: Path) -> None:
    seen = list[tuple[int, int]]()
    import_categories(sheet(tmp_path, GOOD, SECOND), on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
