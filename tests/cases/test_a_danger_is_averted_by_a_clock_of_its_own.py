"""What is dangerous is made safe within hours and mended within days: two duties on one case, each with its clock."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from participate.cases.models import Case
from participate.catalogue.exporting import categories
from participate.catalogue.models import Condition
from participate.catalogue.queries import safe_limit_for
from participate.catalogue.service import import_categories
from participate.kernel import deadlines
from participate.kernel.db import execute, rows, transaction
from participate.kernel.workflow import TimelineEntry
from tests.catalogue.sheets import refused
from tests.conftest import HeldClock
from tests.steps import Way, at_once, code_of

CAVE_IN: dict[str, Any] = {"category": "E0201", "details": {"condition": "E0201-2"}}
FENCED = "The hole is fenced off and lit, and traffic is led around it."
# The held clock stands on a Monday morning; the starter gives two urgent hours, and five work days.
SAFE_BY, MENDED_BY = "2026-11-23T04:00:00Z", "2026-11-30T02:00:00Z"


class Danger:
    """A cave-in that its officer has taken on."""

    def __init__(self, way: Way) -> None:
        self.way, self.submission = way, way.accepted(**CAVE_IN)
        self.begin()

    def begin(self) -> None:
        for name in ("accept", "start"):
            assert self.act(name) == (200, "")

    def act(self, name: str, **more: Any) -> tuple[int, str]:
        answer = self.way.act(self.way.officer, self.submission, name, **more)
        if answer.status_code == 422:
            return 422, answer.get_json()["errors"][0]["code"]
        return (200, "") if answer.status_code == 200 else code_of(answer)

    def make_safe(self, **more: Any) -> tuple[int, str]:
        return self.act("make_safe", **{"note": FENCED, "photo_ids": [self.way.photo(self.way.officer)]} | more)

    def shown(self, *names: str) -> list[Any]:
        found = self.way.supervisor.get(f"/v1/cases/{self.way.case(self.submission)}").get_json()
        return [found[name] for name in names]


@pytest.fixture
def danger(way: Way, clock: HeldClock) -> Danger:
    return Danger(way)


def test_it_is_made_safe_first_and_then_the_rest_is_due(danger: Danger) -> None:
    way = danger.way
    assert danger.shown("due_at", "make_safe_due_at", "made_safe_at") == [SAFE_BY, SAFE_BY, None]
    later = {"note": "The pipe is far down.", "due_at": "2026-12-02T02:00:00Z"}
    assert danger.act("pause", waits_for="contractor", **later) == (409, "not_safe_yet")
    assert danger.act("extend", **later) == (409, "not_safe_yet")
    planned = "The cave-in is to be filled next spring, once the old pipe below it has been laid anew."
    assert danger.act("resolve", note=planned, answer_class="C") == (409, "not_safe_yet")
    for lacking, code in [({"photo_ids": []}, "required"), ({"photo_ids": [], "answer_class": "C"}, "required")]:
        assert danger.make_safe(**lacking) == (422, code)
    assert danger.make_safe(note="Received.") == (422, "stock_phrase")
    assert code_of(way.act(way.dispatcher, danger.submission, "make_safe", note=FENCED)) == (403, "move_not_yours")
    assert danger.make_safe() == (200, "")
    assert danger.shown("due_at", "make_safe_due_at", "state") == [MENDED_BY, None, "in_progress"]
    assert danger.make_safe() == (409, "no_danger")
    updates = way.author.get("/v1/me/updates?limit=100").get_json()["items"]
    (told,) = [each["text"] for each in updates if each["fact"] == "make_safe"]
    assert FENCED in told
    assert "2026-11-30" in told
    assert way.author.get(f"/v1/submissions/{danger.submission}").get_json()["due_at"] == MENDED_BY
    assert danger.act("extend", **later) == (200, ""), "now it may be asked for"


def test_missed_it_goes_a_level_up_once_where_it_must_be_made_safe_too(danger: Danger, clock: HeldClock) -> None:
    clock.forward(hours=2, seconds=1)
    for _ in range(2):
        deadlines.sweep()
        danger.way.work()
    level, state, due_at, safe_by = danger.shown("level", "state", "due_at", "make_safe_due_at")
    assert (level, state, due_at == safe_by) == (2, "filed", True)
    assert safe_by == "2026-11-23T06:00:01Z"
    held = deadlines.Deadline
    running = select(func.count()).where(held.duty == "make_safe", held.settled_at.is_(None))
    assert rows(running)[0][0] == 1


def test_what_was_not_made_safe_must_be_when_it_is_done_again(danger: Danger, clock: HeldClock) -> None:
    way = danger.way
    assert way.resolve(danger.submission).status_code == 200, "who mends it need not say so apart"
    assert danger.shown("make_safe_due_at") == [None]
    clock.forward(hours=3)
    deadlines.sweep()
    way.work()
    assert danger.shown("level", "state") == [1, "resolved"]
    way.act(way.supervisor, danger.submission, "rework", note="It is as deep as before.")
    assert danger.shown("make_safe_due_at") == ["2026-11-23T07:00:00Z"]
    assert danger.act("start") == danger.make_safe() == (200, "")
    way.resolve(danger.submission)
    way.act(way.supervisor, danger.submission, "rework", note="The edge is still sharp.")
    assert danger.shown("make_safe_due_at") == [None], "it is safe"


def test_a_limit_that_is_changed_changes_no_clock_that_runs(danger: Danger) -> None:
    with transaction():
        execute(update(Condition).where(Condition.code == "E0201-2").values(safe_value=None, safe_clock=None))
    assert danger.shown("make_safe_due_at") == [SAFE_BY]
    assert danger.make_safe() == (200, "")
    other = danger.way.accepted(**CAVE_IN)
    found = danger.way.officer.get(f"/v1/cases/{danger.way.case(other)}").get_json()
    assert (found["make_safe_due_at"], found["due_at"]) == (None, MENDED_BY)


def test_whoever_takes_it_back_ends_both_clocks(way: Way, clock: HeldClock) -> None:
    submission = way.accepted(**CAVE_IN)
    assert way.move(way.author, submission, "withdraw").status_code == 200
    held, case = deadlines.Deadline, way.case(submission)
    assert not rows(select(held.id).where(held.subject_id == case, held.settled_at.is_(None)))
    assert rows(select(Case.make_safe_due_at).where(Case.id == case))[0][0] is None


def test_two_at_once_make_it_safe_once(danger: Danger) -> None:
    way, path = danger.way, f"/v1/cases/{danger.way.case(danger.submission)}/moves"
    bodies = [{"move": "make_safe", "note": FENCED, "photo_ids": [way.photo(way.officer)]} for _ in range(2)]
    answers = at_once(*(partial(way.officer.post, path, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    held = TimelineEntry
    assert rows(select(func.count()).where(held.move == "make_safe"))[0][0] == 1


def test_a_sheet_names_the_limit_whole_or_not_at_all(way: Way, tmp_path: Path) -> None:
    sheet, text = tmp_path / "categories.csv", categories()
    row = next(n for n, line in enumerate(text.splitlines(), start=1) if ",E0201-2," in line)
    sheet.write_text(text.replace(",2,urgent_hour\r\n", ",3,\r\n"), encoding="utf-8")
    assert refused(import_categories, sheet) == [(f"{row}.safe_clock", "required")]
    sheet.write_text(text.replace(",2,urgent_hour\r\n", ",3,work_hour\r\n"), encoding="utf-8")
    assert import_categories(sheet)["conditions"].changed == 1
    assert safe_limit_for("E0201", "E0201-2") == (3, "work_hour")
    assert safe_limit_for("E0201") is None
