"""The public list and the author's own: what they hold, in which order, and how they are narrowed."""

from datetime import timedelta

import pytest

from participate.kernel.clock import rfc3339
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import HERE, Way, code_of


def listed(who: Person, query: str = "") -> list[str]:
    answer = who.get(f"/v1/submissions?limit=100&{query}")
    assert answer.status_code == 200, answer.get_json()
    return [item["id"] for item in answer.get_json()["items"]]


def test_the_author_s_own_are_theirs_alone_newest_first(way: Way) -> None:
    mine = [way.hand_in("micro_suggestion", place=None) for _ in range(3)]
    way.hand_in("micro_suggestion", by=way.people.resident(), place=None)
    items = way.author.get("/v1/me/submissions").get_json()["items"]
    assert [item["id"] for item in items] == mine[::-1]
    assert way.people.resident().get("/v1/me/submissions").get_json() == {"items": [], "next": None}


def test_the_author_s_own_are_not_sent_again_until_they_change(way: Way) -> None:
    submission = way.hand_in()
    held = {"If-None-Match": way.author.get("/v1/me/submissions").headers["ETag"]}
    answer = way.author.get("/v1/me/submissions", headers=held)
    assert (answer.status_code, answer.data) == (304, b"")
    way.decide(submission, "accept")
    assert way.author.get("/v1/me/submissions", headers=held).status_code == 200


def test_a_submission_is_not_sent_again_until_it_changes(way: Way) -> None:
    path = f"/v1/submissions/{way.accepted()}"
    for who in (way.author, way.people.nobody(), way.officer):
        held = {"If-None-Match": who.get(path).headers["ETag"]}
        assert who.get(path, headers=held).status_code == 304
    way.act(way.officer, path.rpartition("/")[2], "accept")
    way.act(way.officer, path.rpartition("/")[2], "start")
    assert way.officer.get(path, headers=held).status_code == 200


def test_the_public_list_is_narrowed(way: Way, clock: HeldClock) -> None:
    report = way.accepted(category="E0201")
    clock.forward(hours=1)
    middle = rfc3339(clock() - timedelta(minutes=1))
    suggestion = way.accepted("micro_suggestion", category="E0502", place=HERE | {"lat": HERE["lat"] + 0.01})
    way.accepted("micro_service")
    way.hand_in()
    nobody = way.people.nobody()
    assert listed(nobody) == [suggestion, report]
    for query, found in {
        "kind=snap_report": [report],
        "kind=micro_service": [],
        "category=E0502": [suggestion],
        "state=assigned": [report],
        "state=accepted": [suggestion],
        "area=990101": [suggestion, report],
        f"area={way.cell}": [report],
        "area=990102": [],
        f"updated_after={middle}": [suggestion],
        "bbox=112.9,28.22,112.95,28.23": [report],
        "bbox=112.9,28.2,112.95,28.3": [suggestion, report],
        "bbox=0,0,1,1": [],
        "kind=snap_report&category=E0502": [],
    }.items():
        assert listed(nobody, query) == found, query


@pytest.mark.parametrize(
    "query",
    [
        "kind=gossip",
        "state=gone",
        "area=x",
        "area=",
        "category=%27",
        "bbox=1,2,3",
        "bbox=1,2,3,4,5",
        "bbox=3,2,1,4",
        "bbox=a,b,c,d",
        "bbox=...,1,2,3",
        "bbox=-181,0,0,0",
        "updated_after=yesterday",
        "updated_after=2026-11-23T00:00:00",
        "updated_after=0001-01-01T00:00:00%2B23:59",
        "updated_after=9999-12-31T23:59:59-23:59",
        "colour=red",
    ],
)
def test_what_cannot_be_asked_is_refused(way: Way, query: str) -> None:
    assert code_of(way.people.nobody().get(f"/v1/submissions?{query}"))[0] == 422


def test_what_was_changed_last_comes_first(way: Way, clock: HeldClock) -> None:
    since, pages, cursor = rfc3339(clock() - timedelta(minutes=1)), list[str](), ""
    first, second, third = (_later(way, clock) for _ in range(3))
    clock.forward(hours=1)
    way.act(way.officer, first, "accept")
    way.act(way.officer, first, "start")
    clock.forward(hours=1)
    way.act(way.officer, second, "accept")
    way.act(way.officer, second, "start")
    while cursor is not None:
        answer = way.people.nobody().get(f"/v1/submissions?updated_after={since}&limit=1{cursor}").get_json()
        pages += [item["id"] for item in answer["items"]]
        cursor = answer["next"] and f"&cursor={answer['next']}"
    assert pages == [second, first, third]


def _later(way: Way, clock: HeldClock) -> str:
    clock.forward(hours=1)
    return way.accepted()


@pytest.mark.parametrize("area", ["99", "9901", "990101", "990101001", "990101001001", "99010", "990102"])
def test_an_area_holds_all_below_it(way: Way, area: str) -> None:
    submission = way.accepted()
    assert listed(way.people.nobody(), f"area={area}") == [submission] * way.cell.startswith(area)


def test_what_waits_for_its_number_is_a_list_of_its_own(way: Way) -> None:
    filed, waits, shelved = (way.accepted("micro_proposal") for _ in range(3))
    way.accepted("micro_suggestion")
    way.hand_in("micro_proposal")
    assert way.move(way.moderator, filed, "file").status_code == 200
    assert way.move(way.moderator, shelved, "shelve", note="It is under way.").status_code == 200
    nobody = way.people.nobody()
    assert (listed(nobody, "filed=true"), listed(nobody, "filed=false")) == ([filed], [waits])
    assert listed(nobody, "filed=false&kind=micro_proposal&area=990101&q=hole") == [waits]
    assert nobody.get("/v1/submissions?filed=perhaps").status_code == 422
