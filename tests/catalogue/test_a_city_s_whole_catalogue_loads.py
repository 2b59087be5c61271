"""A catalogue of a real city's size loads with one command, and a dry run lists all that is wrong with it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import distinct, func, select

from participate.catalogue.models import Category, Condition, Scheme, Service
from participate.catalogue.service import import_categories, import_folder, import_services
from participate.cli import main
from participate.kernel.db import one
from tests.catalogue.sheets import Line, write
from tests.stores import Stores

MAJORS, EVENTS, CONDITIONS = 35, 381, 519
SERVICE_MAJORS, SERVICES = 8, 43
CLOCKS = ("urgent_hour", "work_hour", "work_day", "calendar_day")
Run = Callable[..., Result]


def condition_line(number: int) -> Line:
    """The conditions go round over the events, and the events over the major classes."""
    event, nth = number % EVENTS, number // EVENTS + 1
    code = f"X{event:04}"
    return {
        "category_code": code,
        "category_name_zh": f"事项{event}",
        "category_name_en": f"Matter {event}",
        "scheme": "a city's own",
        "version": "2026",
        "kind": "event",
        "major_code": f"X{event % MAJORS:02}",
        "condition_code": f"{code}-{nth}",
        "name_zh": f"情形{nth}",
        "name_en": f"Condition {nth}",
        "limit_value": str(number % 9 + 1),
        "clock": CLOCKS[number % 4],
        "photo_required": "no",
        "closing_zh": "已办结",
        "closing_en": "Done",
    }


def service_line(number: int) -> Line:
    return {
        "code": f"Y{number:03}",
        "major_code": f"Y{number % SERVICE_MAJORS:02}",
        "name_zh": f"服务{number}",
        "name_en": f"Service {number}",
        "description_zh": "说明",
        "description_en": "What it is",
        "limit_value": "3",
        "clock": CLOCKS[number % 4],
    }


def all_conditions() -> list[Line]:
    return [condition_line(number) for number in range(CONDITIONS)]


def all_services() -> list[Line]:
    return [service_line(number) for number in range(SERVICES)]


@pytest.fixture
def run(app: Flask, stores: Stores) -> Run:
    """Runs `participate …` in an application of its own, on this test's stores."""

    def invoke(*words: str | Path) -> Result:
        return CliRunner().invoke(main, list(map(str, words)), env=stores.environment(), catch_exceptions=False)

    return invoke


def counted(column: Any) -> int:
    found = one(select(func.count(distinct(column))))
    assert found is not None
    return int(found[0])


SCHEME = {
    "code": "a city's own",
    "version": "2026",
    "name_zh": "本市标准",
    "name_en": "Ours",
    "valid_from": "2026-01-01",
}
QUESTION = {"code": "how_high", "type": "number", "required": "no", "text_zh": "多高？", "text_en": "How high?"}


def folder(path: Path, conditions: list[Line], services: list[Line], **more: Line) -> Path:
    write(path / "categories.csv", conditions)
    write(path / "services.csv", services)
    for name, line in more.items():
        write(path / f"{name}.csv", [line])
    return path


def test_one_command_loads_all_sheets_with_one_bar_and_a_dry_run_none(run: Run, tmp_path: Path) -> None:
    asked = QUESTION | {"asked_for": "v1.X0380-1"}
    lines = all_conditions(), all_services()
    sheets = folder(tmp_path, *lines, schemes=SCHEME | {"prefix": "v1."}, questions=asked)
    expected = ["schemes: 1", "categories: 381", "conditions: 519", "services: 43", "questions: 1"]
    rehearsed = run("catalogue", "import", sheets, "--dry-run")
    assert rehearsed.stdout.splitlines() == [f"{said} added, 0 changed, 0 unchanged (dry run)" for said in expected]
    assert counted(Category.code) == counted(Scheme.code) == 0
    loaded = run("catalogue", "import", sheets)
    assert loaded.stdout.splitlines() == [f"{said} added, 0 changed, 0 unchanged" for said in expected]
    assert (loaded.exit_code, rehearsed.exit_code) == (0, 0)
    assert tmp_path.name in loaded.stderr, "a bar"
    total, told = 1 + CONDITIONS + SERVICES + 1, list[tuple[int, int]]()
    import_folder(sheets, on_progress=lambda done, of: told.append((done, of)))
    assert told == [(done, total) for done in range(1, total + 1)]
    assert [counted(Category.major_code), counted(Category.code), counted(Condition.code)] == [35, 381, 519]
    assert [counted(Service.major_code), counted(Service.code)] == [8, 43]


def test_faults_of_a_folder_are_named_by_file_and_row_and_what_a_spoilt_line_names_is_known(
    run: Run, tmp_path: Path
) -> None:
    conditions, services = all_conditions()[:3], all_services()[:2]
    conditions[1]["clock"] = "fortnight"
    conditions[2]["version"] = "2030"
    services[1]["code"] = services[0]["code"]
    sheets = folder(tmp_path, conditions, services, schemes=SCHEME, questions=QUESTION | {"asked_for": "X0001-1"})
    said = run("catalogue", "import", sheets)
    assert re.findall(r"(\S+\.csv:\S+): ", said.stderr) == [
        "categories.csv:3.clock",
        "categories.csv:4.version",
        "services.csv:3.code",
    ]
    assert "3 faults, nothing was written" in said.stderr
    assert counted(Scheme.code) == counted(Category.code) == 0
    (tmp_path / "services.csv").write_text("code,colour\n")
    assert "services.csv:1.colour: " in run("catalogue", "import", sheets).stderr
    assert "schemes.csv, units.csv" in run("catalogue", "import", tmp_path.parent).stderr


@pytest.mark.parametrize(("verb", "lines"), [(import_categories, all_conditions()), (import_services, all_services())])
def test_progress_is_told_row_by_row(app: Flask, tmp_path: Path, verb: Callable[..., Any], lines: list[Line]) -> None:
    told = list[tuple[int, int]]()
    verb(write(tmp_path / "sheet.csv", lines), on_progress=lambda done, total: told.append((done, total)))
    assert told == [(done, len(lines)) for done in range(1, len(lines) + 1)]


def test_a_dry_run_counts_the_same_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "categories.csv", all_conditions())
    said = run("categories", "import", path, "--dry-run")
    assert said.stdout.splitlines() == [
        "schemes: 1 added, 0 changed, 0 unchanged (dry run)",
        "categories: 381 added, 0 changed, 0 unchanged (dry run)",
        "conditions: 519 added, 0 changed, 0 unchanged (dry run)",
    ]
    assert counted(Category.code) == counted(Condition.code) == 0


def test_a_dry_run_lists_every_fault_in_the_order_of_the_rows(run: Run, tmp_path: Path) -> None:
    lines = all_conditions()
    lines[517]["limit_value"] = "soon"
    lines[3]["clock"] = "fortnight"
    lines[3]["name_zh"] = ""
    lines[400]["major_code"] = "X99"
    lines[200]["condition_code"] = lines[100]["condition_code"]
    said = run("categories", "import", write(tmp_path / "sheet.csv", lines), "--dry-run")
    listed = re.findall(r"(\d+\.\w+): ", said.stderr)
    assert listed == ["5.name_zh", "5.clock", "202.condition_code", "402.major_code", "519.limit_value"]
    assert "5 faults, nothing was written" in said.stderr
    assert said.exit_code == 1
    assert counted(Category.code) == 0


def test_services_with_faults_are_listed_by_row_too(run: Run, tmp_path: Path) -> None:
    lines = all_services()
    lines[42]["limit_value"] = "0"
    lines[7]["code"] = lines[6]["code"]
    said = run("services", "import", write(tmp_path / "sheet.csv", lines))
    assert "9.code: Row 8 has this code already" in said.stderr
    assert "44.limit_value: " in said.stderr
    assert said.exit_code == 1
    assert counted(Service.code) == 0
