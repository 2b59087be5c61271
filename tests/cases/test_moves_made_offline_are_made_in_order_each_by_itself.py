"""An officer's moves without a network arrive in order, once each, and what one of them meets holds up no other."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from participate.cases import service
from participate.kernel.db import rows
from participate.kernel.errors import Unavailable
from participate.kernel.workflow import TimelineEntry
from tests.people import Person
from tests.steps import Way, at_once, code_of

PATH = "/v1/cases/sync"


def sync(who: Person, *moves: Any) -> list[dict[str, Any]]:
    answer = who.post(PATH, {"moves": list(moves)})
    assert answer.status_code == 200, answer.get_json()
    found: list[dict[str, Any]] = answer.get_json()["items"]
    return found


def told(items: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Each item's status, and its case's state or the last word of its problem's type."""
    return [
        (item["status"], item["case"]["state"] if item["case"] else item["problem"]["type"].rpartition(":")[2])
        for item in items
    ]


def steps_of(case: str) -> int:
    held = TimelineEntry
    return int(rows(select(func.count()).select_from(held).where(held.subject_id == case))[0][0])


@pytest.fixture
def case(way: Way) -> str:
    return way.case(way.accepted())


def morning(case: str) -> list[dict[str, Any]]:
    return [
        {"key": "m-1", "case_id": case, "move": "accept", "version": 2},
        {"key": "m-2", "case_id": case, "move": "start", "version": 3},
        {"key": "m-3", "case_id": case, "move": "interim_reply", "note": "The tar is ordered.", "version": 4},
    ]


def test_they_are_made_in_order_and_answered_one_by_one(way: Way, case: str) -> None:
    items = sync(way.officer, *morning(case))
    assert [item["key"] for item in items] == ["m-1", "m-2", "m-3"]
    assert told(items) == [(200, "accepted"), (200, "in_progress"), (200, "in_progress")]
    assert [item["case"]["version"] for item in items] == [3, 4, 5]
    way.work()
    shown = way.officer.get(f"/v1/cases/{case}").get_json()
    assert {name: shown[name] for name in ("state", "version")} == {"state": "in_progress", "version": 5}


def test_sent_again_each_has_had_its_effect_and_its_answer(way: Way, case: str) -> None:
    first = sync(way.officer, *morning(case)[:2])
    before = steps_of(case)
    assert sync(way.officer, *morning(case)) == [*first, *sync(way.officer, morning(case)[2])]
    assert steps_of(case) == before + 1


def test_what_one_meets_holds_up_no_other(way: Way, case: str) -> None:
    other, gone = (way.case(way.accepted()) for _ in range(2))
    relief = {
        "move": "reassign",
        "note": "On leave.",
        "to": {"assignee": way.people.staff("grid_officer", way.cell).account_id},
    }
    assert way.dispatcher.post(f"/v1/cases/{gone}/moves", relief).status_code == 200
    items = sync(
        way.officer,
        {"key": "1", "case_id": case, "move": "accept", "version": 1},
        {"key": "2", "case_id": gone, "move": "accept"},
        {"key": "3", "case_id": other, "move": "start"},
        {"key": "4", "case_id": other, "move": "object"},
        {"key": "5", "case_id": "019aafc3-7c00-7000-8000-000000000001", "move": "accept"},
        {"key": "6", "case_id": other, "move": "dance"},
        {"case_id": other, "move": "accept"},
        "accept",
        {"key": "7", "case_id": other, "move": "accept"},
    )
    assert told(items) == [
        (412, "stale"),
        (403, "move_not_yours"),
        (409, "wrong_state"),
        (422, "invalid"),
        (404, "not_found"),
        (422, "invalid"),
        (422, "invalid"),
        (422, "invalid"),
        (200, "accepted"),
    ]
    assert [item["key"] for item in items] == ["1", "2", "3", "4", "5", "6", None, None, "7"]
    assert items[3]["problem"]["errors"][0]["field"] == "note"
    assert items[6]["problem"]["errors"][0]["field"] == "key"


def test_what_failed_may_be_sent_again_under_its_key(way: Way, case: str) -> None:
    start = {"key": "s", "case_id": case, "move": "start"}
    assert told(sync(way.officer, start)) == [(409, "wrong_state")]
    sync(way.officer, morning(case)[0])
    assert told(sync(way.officer, start)) == [(200, "in_progress")]


def test_a_key_stands_for_one_move(way: Way, case: str) -> None:
    sync(way.officer, morning(case)[0])
    changed = {"key": "m-1", "case_id": case, "move": "start"}
    assert told(sync(way.officer, changed)) == [(422, "idempotency_key_reused")]


def test_of_two_that_bring_the_same_at_once_one_makes_it(way: Way, case: str) -> None:
    before = steps_of(case)
    both = at_once(*[partial(sync, way.officer, *morning(case)) for _ in range(2)])
    sync(way.officer, *morning(case))
    assert steps_of(case) == before + 3
    met = {pair for items in both for pair in told(items)}
    assert met <= {
        (200, "accepted"),
        (200, "in_progress"),
        (409, "idempotency_key_in_use"),
        (409, "wrong_state"),
        (412, "stale"),
    }


def test_what_all_need_being_away_ends_it_and_loses_nothing(
    way: Way, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = list[str]()

    def move(caller: Any, case_id: str, name: str, *more: Any) -> None:
        made.append(name)
        if name == "start":
            raise Unavailable
        real(caller, case_id, name, *more)

    real = service.move
    monkeypatch.setattr(service, "move", move)
    assert code_of(way.officer.post(PATH, {"moves": morning(case)})) == (503, "unavailable")
    assert made == ["accept", "start"], "the third does not wait for it as well"
    monkeypatch.undo()
    assert told(sync(way.officer, *morning(case))) == [(200, "accepted"), (200, "in_progress"), (200, "in_progress")]


def test_who_may_and_how_many(way: Way, case: str) -> None:
    move = {"key": "1", "case_id": case, "move": "accept"}
    assert code_of(way.author.post(PATH, {"moves": [move]})) == (403, "role_lacking")
    elsewhere = way.people.staff("grid_officer", "990102")
    assert told(sync(elsewhere, move)) == [(404, "not_found")]
    for moves in ([], [move] * 51, "x", None):
        assert code_of(way.officer.post(PATH, {"moves": moves})) == (422, "invalid")
    assert told(sync(way.officer, move)) == [(200, "accepted")]
