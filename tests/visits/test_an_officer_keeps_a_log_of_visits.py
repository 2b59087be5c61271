"""An officer logs visits by cell, without personal data; the desks of the area read it, others know of none."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask

from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.visits import service
from participate.worker import FORGETTING
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import ELSEWHERE, HERE, Way, at_once, code_of, way

__all__ = ["way"]
PATH = "/v1/visits"
TEXT = "独居老人家中燃气软管老化，已请燃气公司上门更换。"


def entry(**fields: Any) -> dict[str, Any]:
    """A body; None leaves a field out."""
    body = {"visited_at": now().isoformat(), "place": HERE, "kind": "elderly", "topics": ["safety"], "text": TEXT}
    return {name: value for name, value in (body | fields).items() if value is not None}


def logged(who: Person, **fields: Any) -> str:
    answer = who.post(PATH, entry(**fields))
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["id"])


def seen(who: Person, query: str = "") -> list[str]:
    answer = who.get(f"{PATH}{query}")
    assert answer.status_code == 200, answer.get_json()
    return [item["id"] for item in answer.get_json()["items"]]


def test_what_was_seen_is_kept_by_cell_and_not_by_door(way: Way) -> None:
    case = way.case(submission := way.accepted())
    made = logged(way.officer, follow_up=True, case_id=case, submission_id=submission)
    found = way.officer.get(f"{PATH}/{made}").get_json()
    assert (found["cell"], found["officer"], found["case_id"]) == (way.cell, way.officer.account_id, case)
    assert (found["follow_up"], found["version"], found["earlier"]) == (True, 1, [])
    assert not {"lat", "lon", "place"} & found.keys()
    sent = entry()
    first, again = (way.officer.post(PATH, sent, headers={"Idempotency-Key": "v-1"}) for _ in range(2))
    assert first.get_json()["id"] == again.get_json()["id"]
    assert len(seen(way.officer)) == 2


@pytest.mark.parametrize(
    ("said", "shown", "at"),
    [
        ("王大爷，１３８００００１２３４，要更换软管。", "138****1234", 5),
        ("身份证11010519491231002X，低保已办。", "110****002x", 4),
        ("门口停着湘A12345。", "湘****5", 5),
        ("转账6222021234567890128。", "622****0128", 3),
        ("他说：我叫张三，住三楼。", "张*", 6),
    ],
)
def test_personal_data_is_refused_and_named(way: Way, said: str, shown: str, at: int) -> None:
    answer = way.officer.post(PATH, entry(text=said))
    assert answer.status_code == 422
    (fault,) = answer.get_json()["errors"]
    assert (fault["field"], fault["code"]) == ("text", "personal_data")
    assert shown in fault["message"]
    assert f"character {at} " in fault["message"]
    assert seen(way.officer) == []


def test_what_cannot_be_is_refused(way: Way) -> None:
    refused: list[tuple[dict[str, Any], str, str]] = [
        ({"visited_at": (now() + timedelta(hours=1)).isoformat()}, "visited_at", "too_late"),
        ({"visited_at": (now() - timedelta(days=8)).isoformat()}, "visited_at", "too_early"),
        ({"cell": way.cell}, "cell", "cell_or_place"),
        ({"place": None}, "cell", "cell_or_place"),
        ({"place": None, "cell": f"{way.cell[:-3]}999"}, "cell", "unknown_code"),
        ({"place": ELSEWHERE}, "place", "no_cell"),
        ({"case_id": "019aafc3-7c00-7000-8000-000000000001"}, "case_id", "unknown_code"),
        ({"submission_id": way.hand_in("micro_supervision")}, "submission_id", "unknown_code"),
        ({"kind": "palace"}, "kind", "choice"),
        ({"topics": []}, "topics", "length"),
        ({"text": "访" * 1001}, "text", "length"),
    ]
    for fields, field, code in refused:
        answer = way.officer.post(PATH, entry(**fields))
        assert answer.status_code == 422, fields
        assert [(fault["field"], fault["code"]) for fault in answer.get_json()["errors"]] == [(field, code)]
    stranger = way.people.staff("grid_officer", f"{way.cell[:-3]}999")
    assert code_of(stranger.post(PATH, entry())) == (403, "not_your_cell")


def test_the_officer_and_the_desks_of_the_area_read_it_and_nobody_else(way: Way) -> None:
    colleague = way.people.staff("grid_officer", way.cell)
    mine, theirs = logged(way.officer), logged(colleague)
    elsewhere = way.people.staff("dispatcher", "990102")
    assert (seen(way.officer), seen(colleague)) == ([mine], [theirs])
    assert seen(way.dispatcher) == seen(way.supervisor) == [theirs, mine]
    assert seen(elsewhere) == []
    for reader in (colleague, elsewhere):
        assert code_of(reader.get(f"{PATH}/{mine}")) == (404, "not_found")
    assert code_of(colleague.patch(f"{PATH}/{mine}", {"kind": "shop"})) == (404, "not_found")
    assert way.supervisor.get(f"{PATH}/{mine}").status_code == 200
    for other in ("handler", "moderator", "auditor", "admin"):
        assert way.people.staff(other, "").get(f"{PATH}/{mine}").status_code == 403


def test_it_is_found_by_cell_area_officer_and_time_in_pages(way: Way) -> None:
    ago = [logged(way.officer, visited_at=(now() - timedelta(days=days)).isoformat()) for days in (3, 2, 1)]
    lately, reader = list(reversed(ago)), way.dispatcher
    first = reader.get(f"{PATH}?limit=2&cell={way.cell}").get_json()
    last = reader.get(f"{PATH}?limit=2&cell={way.cell}&cursor={first['next']}").get_json()
    assert [item["id"] for item in first["items"] + last["items"]] == lately
    assert last["next"] is None
    for area in ("9901", "990101", way.cell[:9], way.cell[:12], way.cell):
        assert seen(reader, f"?area={area}") == lately
    assert seen(reader, "?area=990102") == seen(reader, f"?cell={way.cell[:-3]}999") == []
    begin, end = (f"{now() - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}" for hours in (60, 30))
    assert seen(reader, f"?from={begin}&until={end}") == [ago[1]]
    assert seen(reader, f"?officer={way.officer.account_id}") == lately
    assert seen(reader, f"?officer={reader.account_id}") == []
    assert reader.get(f"{PATH}?cursor=AAAA").status_code == 422


def test_it_is_corrected_on_the_same_day_and_says_what_it_said(clock: HeldClock, way: Way) -> None:
    path = f"{PATH}/{logged(way.officer)}"
    tag = way.officer.get(path).headers["ETag"]
    hands = [way.people.signed_in(way.officer.account_id) for _ in range(2)]
    both = at_once(*(partial(hand.patch, path, {"kind": "shop"}, headers={"If-Match": tag}) for hand in hands))
    assert sorted(answer.status_code for answer in both) == [200, 412]
    corrected = way.officer.get(path).get_json()
    assert corrected["version"] == 2
    assert [(each["text"], each["version"]) for each in corrected["earlier"]] == [(TEXT, 1)]
    assert way.officer.patch(path, {"text": "电话13800001234"}).status_code == 422
    # The local day ends at midnight in Shanghai, 16:00 UTC, fourteen hours from the start.
    clock.forward(hours=13)
    assert way.people.signed_in(way.officer.account_id).patch(path, {"kind": "site"}).get_json()["kind"] == "site"
    clock.forward(hours=2)
    late = way.people.signed_in(way.officer.account_id)
    assert code_of(late.patch(path, {"kind": "other"})) == (409, "day_is_over")


def test_it_is_forgotten_after_its_time(way: Way, monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    old, new = (logged(way.officer, visited_at=(now() - timedelta(days=days)).isoformat()) for days in (6, 1))
    assert service.forget_visits in FORGETTING
    assert service.forget_visits() == 0
    monkeypatch.setitem(app.extensions, "participate.settings", replace(settings(), keep_visits_days=3))
    assert (service.forget_visits(), seen(way.officer)) == (1, [new])
    assert code_of(way.officer.get(f"{PATH}/{old}")) == (404, "not_found")
