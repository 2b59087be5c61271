"""Service sheets: a code that is there takes on what the sheet says, the others stay, and one fault stops all."""

from pathlib import Path

import pytest

from participate.catalogue.queries import service, services
from participate.catalogue.service import Counts, import_services
from tests.catalogue.sheets import Line, refused, write

pytestmark = pytest.mark.usefixtures("app")
FIRST: Line = {
    "code": "S0101",
    "major_code": "S01",
    "name_zh": "大件垃圾上门收运",
    "name_en": "Bulky waste pick-up",
    "description_zh": "预约上门收走。",
    "description_en": "By appointment.",
    "limit_value": "2",
    "clock": "work_day",
}
SECOND = FIRST | {"code": "S0102", "name_zh": "灭虫", "name_en": "Pest control"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "services.csv"


def limit(code: str) -> tuple[int, str] | None:
    found = service(code)
    return found and (found.limit_value, found.clock)


def test_a_changed_limit_changes_its_row_alone(path: Path) -> None:
    assert import_services(write(path, [FIRST, SECOND])) == {"services": Counts(2, 0, 0)}
    again = write(path, [FIRST | {"limit_value": "8", "clock": "work_hour"}, SECOND])
    assert import_services(again) == {"services": Counts(0, 1, 1)}
    assert limit("S0101") == (8, "work_hour")
    assert limit("S0102") == (2, "work_day")


def test_a_dry_run_tells_of_the_change_and_keeps_the_limit(path: Path) -> None:
    import_services(write(path, [FIRST]))
    changed = write(path, [FIRST | {"limit_value": "8"}, SECOND])
    assert import_services(changed, dry_run=True) == {"services": Counts(1, 1, 0)}
    assert limit("S0101") == (2, "work_day")
    assert limit("S0102") is None


def test_a_service_can_be_taken_off_the_list(path: Path) -> None:
    import_services(write(path, [FIRST, SECOND]))
    import_services(write(path, [FIRST | {"active": "no"}]))
    assert [item["code"] for item in services(10)["items"]] == ["S0102"]
    assert limit("S0101") == (2, "work_day")


def test_every_fault_is_named_by_row_and_column_and_nothing_goes_in(path: Path) -> None:
    lines = [FIRST, SECOND | {"limit_value": "soon", "name_en": ""}, FIRST, SECOND | {"clock": "moon", "code": "?"}]
    assert refused(import_services, write(path, lines)) == [
        ("3.name_en", "required"),
        ("3.limit_value", "type"),
        ("4.code", "same_as_row"),
        ("5.code", "form"),
        ("5.clock", "choice"),
    ]
    assert limit("S0101") is None


NEED = {"asked_by": "need", "need_zh": "独居", "need_en": "Living alone"}
AMISS: list[tuple[Line, list[tuple[str, str]]]] = [
    ({"asked_by": "some"}, [("2.asked_by", "choice")]),
    ({"asked_by": "area"}, [("2.area_code", "asker_form")]),
    ({"asked_by": "area", "area_code": "000000"}, [("2.area_code", "unknown_code")]),
    ({"area_code": "990101"}, [("2.area_code", "asker_form"), ("2.area_code", "unknown_code")]),
    (NEED | {"need_en": ""}, [("2.need_en", "asker_form")]),
    ({"documents": "id_card:身份证"}, [("2.documents", "documents_form")]),
    ({"documents": "a:甲:A|a:乙:B"}, [("2.documents", "documents_form")]),
    ({"unit_id": "01a20af0-8665-7731-a8bb-db087cabf68f"}, [("2.unit_id", "unknown_code")]),
]


@pytest.mark.parametrize(("cells", "faults"), AMISS)
def test_who_may_ask_what_is_needed_and_who_does_it_are_told_whole(
    path: Path, cells: Line, faults: list[tuple[str, str]]
) -> None:
    assert refused(import_services, write(path, [FIRST | cells])) == faults
    assert limit("S0101") is None


def test_documents_are_read_one_by_one(path: Path) -> None:
    import_services(write(path, [FIRST | NEED | {"documents": "id:身份证:Identity card|form:申请表:Form"}]))
    (found,) = services(10)["items"]
    assert [each["value"] for each in found["documents"]] == ["id", "form"]
    assert (found["asked_by"], found["need_zh"], found["unit"]) == ("need", "独居", None)
