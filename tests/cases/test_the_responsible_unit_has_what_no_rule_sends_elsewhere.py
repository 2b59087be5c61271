"""Who answers for what at a place is a sheet; it counts behind the rules, and the unit that watches urges."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from participate.catalogue import exporting
from participate.catalogue import queries as catalogue
from participate.catalogue.models import Unit
from participate.catalogue.service import import_folder
from participate.kernel.db import execute, transaction
from participate.kernel.errors import Invalid
from tests.people import Person
from tests.steps import HERE, Way, code_of

pytestmark = pytest.mark.usefixtures("clock")
RULES = "/v1/dispatch/rules"
NORTH = HERE | {"lat": HERE["lat"] + 0.01}  # No officer answers there, so that no rule that is shipped leads anywhere.
UNKNOWN = "019aafc3-7c00-7000-8000-000000000001"
HEADING = "code,area_code,responsible,supervising,active"


@pytest.fixture
def units(way: Way) -> list[str]:
    return [str(unit["id"]) for unit in catalogue.units(4)["items"]]


def sheet(folder: Path, *lines: str) -> Path:
    (folder / "responsibilities.csv").write_text("\n".join([HEADING, *lines]), encoding="utf-8")
    return folder


def shown(way: Way, submission: str) -> dict[str, Any]:
    found: dict[str, Any] = way.supervisor.get(f"/v1/cases/{way.case(submission)}").get_json()
    return found


def filed(way: Way, condition: str = "E0201-2", **fields: Any) -> tuple[str | None, dict[str, Any], str | None]:
    """Which unit has a new case at the place, on what, and which watches."""
    about = {"category": "E0201", "details": {"condition": condition}, "place": NORTH}
    case = shown(way, way.accepted(**about | fields))
    assert case["routed"]["rule"] is None
    return case["unit"], case["routed"]["on"], case["supervising_unit"]


def test_the_condition_goes_before_its_category_and_the_smallest_area_counts(
    way: Way, units: list[str], tmp_path: Path
) -> None:
    first, second, third, watching = units
    city, street = "9901", way.cell[:9]
    assert filed(way) == (None, {}, None)
    lines = f"E0201,990101,{first},{watching},", f"E0201,{city},{third},,", f"E0201-2,{city},{second},,"
    import_folder(sheet(tmp_path, *lines))
    assert filed(way, "E0201-1") == (first, {"category": "E0201", "area": "990101"}, watching)
    assert filed(way) == (second, {"condition": "E0201-2", "area": city}, None)
    import_folder(sheet(tmp_path, f"E0201-2,{street},{first},{watching},", f"E0201,990101,{first},{watching},no"))
    assert filed(way) == (first, {"condition": "E0201-2", "area": street}, watching)
    assert filed(way, "E0201-1") == (third, {"category": "E0201", "area": city}, None)
    with transaction():
        execute(update(Unit).where(Unit.id == first).values(active=False))
    assert filed(way)[0] == second, "who is there no more answers for nothing"


def test_rules_go_first_and_a_rehearsal_knows_who_is_responsible(way: Way, units: list[str], tmp_path: Path) -> None:
    admin = way.people.staff("admin", "")
    import_folder(sheet(tmp_path, f"E0201,990101,{units[0]},{units[3]},"))
    case = shown(way, way.accepted(category="E0201"))
    assert (case["assignee"], case["routed"]["rule"]) == (way.officer.account_id, "officer of the place")
    assert case["supervising_unit"] == units[3], "whoever has it"
    rules = {"rules": [{"name": "ours", "when": {"categories": ["E0201"]}, "to": {"unit": units[1]}}]}
    assert admin.post(f"{RULES}/rehearsal", rules).get_json()["moved"] == 1
    said = admin.post(f"{RULES}/rehearsal", {"rules": []}).get_json()
    assert (said["unrouted_after"], said["examples"][0]["after"]) == (0, {"rule": None, "to": {"unit": units[0]}})
    sealed = shown(way, way.accepted("micro_supervision", category="E0201", place=NORTH))
    assert (sealed["unit"], sealed["supervising_unit"]) == (None, None)


def test_who_watches_reads_and_urges_and_does_no_more(way: Way, units: list[str], tmp_path: Path) -> None:
    import_folder(sheet(tmp_path, f"E0201,990101,{units[0]},{units[3]},"))
    submission = way.accepted(category="E0201", place=NORTH)
    path = f"/v1/cases/{way.case(submission)}"
    handler, watcher = way.people.staff("handler", unit=units[0]), way.people.staff("supervisor", unit=units[3])
    others = [way.people.staff("supervisor", unit=units[1]), way.people.staff("handler", unit=units[3])]
    assert offered(watcher, path) == []
    assert way.act(handler, submission, "accept").status_code == 200
    assert offered(watcher, path) == ["urge"]
    assert [case["id"] for case in watcher.get("/v1/cases?view=unit").get_json()["items"]] == [way.case(submission)]
    for who in others:
        assert code_of(who.get(path)) == code_of(way.act(who, submission, "urge", note="Now.")) == (404, "not_found")
        assert who.get("/v1/cases?view=unit").get_json()["items"] == []
    assert code_of(way.act(watcher, submission, "take_back", note="Ours.")) == (403, "move_not_yours")
    assert way.act(watcher, submission, "urge", note="How does it stand?").status_code == 200
    steps = watcher.get(f"{path}/timeline").get_json()["items"]
    assert [step["by"] for step in steps if step["move"] == "urge"] == ["supervising"]


def offered(who: Person, path: str) -> list[str]:
    moves: list[str] = who.get(path).get_json()["moves"]
    return moves


def test_every_fault_is_named_and_nothing_goes_in(way: Way, units: list[str], tmp_path: Path) -> None:
    first, watching = units[0], units[3]
    before = exporting.responsibilities()
    faulty = sheet(
        tmp_path,
        f"E0201,990101,{first},{watching},",
        f"E9999,990199,{UNKNOWN},{UNKNOWN[:-1]}2,",
        f"E0201,990101,{watching},{first},",
        f"E0201-2,990101,{first},{first},perhaps",
        f"E0201-1,990101,{first},{first},",
    )
    with pytest.raises(Invalid) as caught:
        import_folder(faulty, dry_run=True)
    assert [(fault.field, fault.code) for fault in caught.value.faults] == [
        *((f"3.{name}", "unknown_code") for name in ("code", "area_code", "responsible", "supervising")),
        ("4.code", "same_as_row"),
        ("5.active", "type"),
        ("6.supervising", "watches_itself"),
    ]
    counts = import_folder(sheet(tmp_path, f"E0201,990101,{first},{watching},"), dry_run=True)
    assert (counts["responsibilities"].added, exporting.responsibilities()) == (1, before)


def test_what_was_exported_imports_again(way: Way, tmp_path: Path) -> None:
    text = exporting.responsibilities()
    (tmp_path / "responsibilities.csv").write_text(text, encoding="utf-8")
    (counts,) = import_folder(tmp_path).values()
    assert (counts.added, counts.changed, counts.unchanged > 10) == (0, 0, True)
    assert exporting.responsibilities() == text
