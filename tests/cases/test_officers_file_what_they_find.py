"""What officers find and mend on the spot is filed past moderation, and a share of it is verified, unforeseen."""

import hmac
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from participate.cases.figures import recounting as figures
from participate.cases.found import sampling
from participate.cases.found.models import FoundCase
from participate.cases.models import Case
from participate.kernel import deadlines, errands
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import one, rows
from participate.kernel.ids import new_id
from participate.moderation.models import ModerationTask
from tests.conftest import HeldClock
from tests.people import Person
from tests.pictures import scene, taken
from tests.steps import ELSEWHERE, HERE, Way, at_once, code_of, noise, upload

PATH = "/v1/cases/found"
NOTE = "路口散落的装修垃圾已装袋运走，联系人张三。"


@pytest.fixture(autouse=True)
def nothing_is_drawn(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    share(way, monkeypatch, 0)


def share(way: Way, monkeypatch: pytest.MonkeyPatch, percent: int) -> None:
    """So many of a hundred are drawn."""
    held = way.app.extensions["participate.settings"]
    monkeypatch.setitem(way.app.extensions, "participate.settings", replace(held, sample_percent=percent))


def body(way: Way, who: Person | None = None, **fields: Any) -> dict[str, Any]:
    """A body with photos that nobody has looked at yet; None leaves a field out."""
    who, given = who or way.officer, dict(fields)
    for name in ("before_photo_ids", "after_photo_ids"):
        if name not in given:
            given[name] = [upload(who, noise()).get_json()["id"]]
    made = {"category": "E0101", "details": {"condition": "E0101-1"}, "place": HERE, "note": NOTE}
    return {name: value for name, value in (made | given).items() if value is not None}


def filed(way: Way, who: Person | None = None, **fields: Any) -> dict[str, Any]:
    """The case of what was found, worked off."""
    return way.mended(who or way.officer, **{"note": NOTE} | fields)


def seen(who: Person, case: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = who.get(f"/v1/cases/{case['id']}").get_json()
    return found


def move(way: Way, who: Person, case: dict[str, Any], name: str, **fields: Any) -> Any:
    answer = who.post(f"/v1/cases/{case['id']}/moves", {"move": name, "note": "Some of it is still there."} | fields)
    way.work()
    return answer


def let_time_pass(way: Way, clock: HeldClock, **by: float) -> None:
    clock.forward(**by)
    deadlines.sweep()
    way.work()


def relieve(way: Way) -> None:
    """Sessions do not last for ever."""
    for name in ("officer", "supervisor", "dispatcher"):
        setattr(way, name, way.people.signed_in(getattr(way, name).account_id))


def told(who: Person) -> list[str]:
    return [entry["fact"] for entry in who.get("/v1/me/updates").get_json()["items"]]


def steps(who: Person, submission: str) -> list[tuple[str, str, str | None]]:
    items = who.get(f"/v1/submissions/{submission}/timeline").get_json()["items"]
    return [(item["move"], item["by"], item["note"]) for item in items]


def chosen(case: dict[str, Any]) -> str | None:
    found = one(select(FoundCase.chosen).where(FoundCase.case_id == case["id"]))
    assert found is not None
    return found.chosen


def test_what_is_mended_is_public_at_once_and_closed_in_time(way: Way, clock: HeldClock) -> None:
    case = filed(way)
    submission = case["submission_id"]
    assert (case["state"], case["found"], case["assignee"]) == ("resolved", True, way.officer.account_id)
    assert (case["title"], case["answer_class"], case["sampled"], case["moves"]) == (
        "散落垃圾、落叶未清",
        "A",
        None,
        [],
    )
    shown = way.people.nobody().get(f"/v1/submissions/{submission}").get_json()
    assert (shown["state"], shown["source"]) == ("in_verification", "officer")
    assert shown["author"] == {"name": "Found by a grid officer on their round"}
    assert shown["body"] == "道路保洁：散落垃圾、落叶未清"
    assert [photo["purpose"] for photo in shown["photos"]] == ["report", "after"]
    assert way.officer.account_id not in str(shown)
    listed = way.people.nobody().get("/v1/submissions?category=E0101").get_json()["items"]
    assert [(item["id"], item["source"]) for item in listed] == [(submission, "officer")]
    assert not rows(select(ModerationTask.id)), "no moderator need look"
    # The note is the desks'.
    public = steps(way.people.nobody(), submission)
    assert public == [("vouch", "system", None), ("file", "system", None), ("settle", "grid_officer", None)]
    assert ("settle", "grid_officer", NOTE) in steps(way.supervisor, submission)
    assert NOTE not in str(way.people.nobody().get(f"/v1/submissions?q={NOTE[:6]}").get_json())
    let_time_pass(way, clock, days=1)
    assert seen(way.supervisor, case)["state"] == "resolved"
    let_time_pass(way, clock, days=2)
    relieve(way)
    assert seen(way.supervisor, case)["state"] == "closed"
    assert way.people.nobody().get(f"/v1/submissions/{submission}").get_json()["state"] == "closed"
    assert told(way.officer) == []
    for name in ("rate", "reopen", "dispute", "withdraw", "appeal"):
        refused = way.move(way.officer, submission, name, note="No.", resolved=False, satisfaction=1)
        assert code_of(refused) in {(409, "wrong_state"), (409, "filed_by_officer")}
    assert figures.recount(check=True) == 0


def test_which_is_drawn_nobody_foresees_and_who_has_the_secret_tells_again(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    share(way, monkeypatch, 10)
    ids = [new_id() for _ in range(4000)]
    drawn = {each for each in ids if sampling.is_drawn(each)}
    assert 300 < len(drawn) < 500
    secret = settings().secret_key.encode()
    again = {each for each in ids if hmac.digest(secret, f"sample {each}".encode(), "sha256")[:8] < _tenth()}
    assert drawn == again
    monkeypatch.setitem(
        way.app.extensions, "participate.settings", replace(settings(), secret_key="another secret" * 3)
    )
    assert len(drawn & {each for each in ids if sampling.is_drawn(each)}) < 100
    for percent, expected in ((0, 0), (100, 4000)):
        share(way, monkeypatch, percent)
        assert sum(map(sampling.is_drawn, ids)) == expected


def _tenth() -> bytes:
    return (-(-(1 << 64) * 10 // 100)).to_bytes(8)


def test_what_is_drawn_somebody_else_verifies_and_its_officer_is_not_told(
    way: Way, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen = filed(way)
    share(way, monkeypatch, 100)
    case = filed(way)
    assert {name for name, value in case.items() if unseen[name] != value and name != "nearby"} == {
        *("id", "reference", "submission_id")
    }, "nothing tells the two apart"
    assert seen(way.supervisor, case)["sampled"] is True
    assert seen(way.supervisor, unseen)["sampled"] is False
    waiting = {who: who.get("/v1/cases?view=sampled").get_json()["items"] for who in (way.supervisor, way.officer)}
    assert [item["id"] for item in waiting[way.supervisor]] == [case["id"]]
    assert waiting[way.officer] == []
    assert seen(way.officer, case)["sampled"] is None
    let_time_pass(way, clock, days=3)
    relieve(way)
    missed = seen(way.supervisor, case)
    assert (missed["state"], missed["level"]) == ("resolved", 2), "the level above sees to it"
    assert move(way, way.supervisor, case, "verify").status_code == 200
    assert seen(way.supervisor, case)["state"] == "closed"
    assert told(way.officer) == []
    assert way.supervisor.get("/v1/cases?view=sampled").get_json()["items"] == []


def test_what_does_not_pass_is_mended_again_and_then_always_verified(
    way: Way, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    share(way, monkeypatch, 100)
    case = filed(way)
    assert move(way, way.supervisor, case, "rework").status_code == 200
    assert told(way.officer) == ["rework"]
    assert seen(way.officer, case)["moves"][:2] == ["hand_over", "start"]
    assert move(way, way.officer, case, "start").status_code == 200
    again = move(way, way.officer, case, "resolve", photo_ids=[way.photo(way.officer, scene(7))])
    assert again.status_code == 200
    let_time_pass(way, clock, days=3)
    relieve(way)
    assert seen(way.supervisor, case)["state"] == "resolved"
    assert seen(way.supervisor, case)["sampled"] is None
    assert move(way, way.people.staff("supervisor"), case, "verify").status_code == 200
    shown = way.people.nobody().get(f"/v1/submissions/{case['submission_id']}").get_json()
    assert (seen(way.supervisor, case)["state"], shown["state"]) == ("closed", "closed")
    assert told(way.officer) == ["rework"]
    assert figures.recount(check=True) == 0


def shot_of(north: float = 0, minutes: float = 0) -> Callable[[], bytes]:
    """A photo that was taken so many metres north of the place, so long ago."""
    where = HERE["lat"] + north / 110_900, HERE["lon"]
    return lambda: taken(noise(), now() - timedelta(minutes=minutes), *where)


def test_an_officer_whose_work_failed_twice_has_all_of_it_verified_for_a_while(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "_JUDGED", sampling._JUDGED.limit(3))  # in place of 20
    for _ in range(2):
        case = filed(way)
        assert chosen(case) is None
        assert move(way, way.supervisor, case, "rework").status_code == 200
    assert chosen(filed(way, way.people.staff("grid_officer", way.cell))) is None, "others have nothing to do with it"
    for _ in range(2):
        case = filed(way)
        assert chosen(case) == "record"
        assert move(way, way.supervisor, case, "verify").status_code == 200
    assert chosen(filed(way)) is None


# Before, after, how many minutes ago it was made without a network, and what makes one doubt it.
DOUBTS: tuple[tuple[Any, Any, int | None, set[str]], ...] = (
    (shot_of(minutes=30), shot_of(), None, set()),
    (shot_of(), shot_of(minutes=30), None, {"after_too_old"}),
    (shot_of(minutes=60 * 26), shot_of(minutes=60 * 25), None, {"after_too_old"}),
    (shot_of(minutes=60 * 26), shot_of(minutes=60 * 25), 60 * 25, set()),
    (shot_of(), shot_of(north=110), None, {"after_far_off"}),
    (partial(scene, 1), partial(scene, 1), None, {"after_is_before"}),
    (shot_of(), lambda: b"no photo", None, {"after_unusable"}),
)


def test_what_is_doubtful_is_always_verified(way: Way, clock: HeldClock) -> None:
    cases = []
    for before, after, made, flags in DOUBTS:
        photos = [upload(way.officer, make()).get_json()["id"] for make in (before, after)]
        said = {"made_at": (now() - timedelta(minutes=made)).isoformat()} if made else {}
        case = filed(way, before_photo_ids=photos[:1], after_photo_ids=photos[1:], **said)
        assert {flag["code"] for flag in seen(way.supervisor, case)["flags"]} == flags
        assert chosen(case) == ("doubted" if flags else None)
        assert seen(way.supervisor, case)["sampled"] == bool(flags)
        cases.append(case)
    let_time_pass(way, clock, days=3)
    relieve(way)
    for case, (*_, flags) in zip(cases, DOUBTS, strict=True):
        assert seen(way.supervisor, case)["state"] == ("resolved" if flags else "closed")


def test_nothing_is_closed_before_its_photos_are_looked_through(way: Way, clock: HeldClock) -> None:
    answer = way.officer.post(PATH, body(way))
    case = answer.get_json()
    clock.forward(days=3)
    deadlines.sweep()
    errands.work_off("facts", 100)
    relieve(way)
    waits = seen(way.supervisor, case)
    assert (waits["state"], waits["overdue"]) == ("resolved", False)
    way.work()
    let_time_pass(way, clock, days=6)  # A weekend lies between.
    relieve(way)
    assert seen(way.supervisor, case)["state"] == "closed"


def test_what_others_have_to_mend_takes_the_ordinary_way(way: Way) -> None:
    colleague = way.people.staff("grid_officer", way.cell)
    case = filed(way, handled=False, after_photo_ids=None)
    submission = case["submission_id"]
    assert (case["state"], case["assignee"], case["found"], case["sampled"]) == (
        "dispatched",
        colleague.account_id,
        True,
        None,
    )
    assert ("vouch", "system", NOTE) in steps(way.supervisor, submission)
    neighbour = way.people.resident()
    assert neighbour.post(f"/v1/submissions/{submission}/join").status_code == 200
    for name in ("accept", "start"):
        assert move(way, colleague, case, name).status_code == 200
    assert move(way, colleague, case, "resolve", photo_ids=[way.photo(colleague, scene(3))]).status_code == 200
    assert code_of(move(way, colleague, case, "verify")) == (403, "move_not_yours")
    assert move(way, way.supervisor, case, "verify").status_code == 200
    assert seen(way.supervisor, case)["state"] == "closed"
    assert told(way.officer) == ["dispatch", "accept", "start", "resolve", "let_stand"]
    assert told(neighbour) == ["accept", "start", "resolve", "verify", "let_stand"]
    rating = {"move": "rate", "resolved": True, "satisfaction": 4}
    assert neighbour.post(f"/v1/submissions/{submission}/moves", rating).status_code == 200
    assert way.move(way.officer, submission, "reopen", note="No.").status_code == 409
    # An officer can take back what they have filed by mistake, and take on themselves what they have found.
    mistaken = filed(way, handled=False, after_photo_ids=None)
    assert way.move(way.officer, mistaken["submission_id"], "withdraw").status_code == 200
    assert seen(way.supervisor, mistaken)["state"] == "cancelled"
    later = filed(way, handled=False, after_photo_ids=None)
    to = {"assignee": way.officer.account_id}
    assert move(way, colleague, later, "hand_over", to=to).status_code == 200


def test_figures_count_it_apart(way: Way, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> None:
    colleague = way.people.staff("grid_officer", way.cell)
    share(way, monkeypatch, 100)
    passed, failed, _waits = (filed(way) for _ in range(3))
    before = counts(way.officer, way.officer)
    assert (before["found"], before["settled"], before["sampled"]) == (3, 3, 0), "till it is verified nobody can tell"
    assert move(way, way.supervisor, passed, "verify").status_code == 200
    assert move(way, way.supervisor, failed, "rework").status_code == 200
    other = filed(way, handled=False, after_photo_ids=None)
    for name in ("accept", "start"):
        assert move(way, colleague, other, name).status_code == 200
    assert move(way, colleague, other, "resolve", photo_ids=[way.photo(colleague, scene(3))]).status_code == 200
    assert move(way, way.supervisor, other, "verify").status_code == 200
    filed(way, handled=False, after_photo_ids=None)
    found = figures_of(way.supervisor, "area=990101")
    apart = {"found": 5, "settled": 3, "sampled": 2, "sample_failed": 1}
    apart |= {"found_due": 2, "found_closed": 1, "found_on_time": 1}
    assert found["counts"] == dict.fromkeys(found["counts"], 0) | apart
    rates = {"found_on_time_rate": 0.5, "sample_failure_rate": 0.5}
    assert found["rates"] == dict.fromkeys(found["rates"]) | rates
    assert not sum(level["times"] for level in found["levels"])
    assert figures.recount(check=True) == 0


def figures_of(who: Person, of: str) -> dict[str, Any]:
    days = [(now() + timedelta(days=ahead)).date() for ahead in (-30, 330)]
    found: dict[str, Any] = who.get(f"/v1/figures?{of}&since={days[0]}&until={days[1]}").get_json()
    return found


def counts(who: Person, person: Person) -> dict[str, int]:
    found: dict[str, int] = figures_of(who, f"person={person.account_id}")["counts"]
    return found


def test_only_officers_of_the_place_file_what_can_be(way: Way) -> None:
    neighbour = way.people.staff("grid_officer", f"{way.cell[:-3]}999")
    assert code_of(neighbour.post(PATH, body(way, neighbour))) == (403, "not_your_cell")
    for role in ("dispatcher", "supervisor", "handler", "moderator", "auditor"):
        assert code_of(way.people.staff(role, "").post(PATH, {})) == (403, "role_lacking")
    assert code_of(way.author.post(PATH, {})) == (403, "role_lacking")
    assert way.people.nobody().post(PATH, {}).status_code == 401
    used = body(way)
    assert way.officer.post(PATH, used).status_code == 201
    theirs = upload(neighbour).get_json()["id"]
    long_ago, to_come = ((now() + timedelta(days=days)).isoformat() for days in (-8, 1))
    refused: list[tuple[dict[str, Any], str, str]] = [
        ({"place": ELSEWHERE}, "place", "no_cell"),
        ({"place": None}, "place", "required"),
        ({"category": "none"}, "category", "unknown_code"),
        ({"details": {"condition": "C0101-1"}}, "details.condition", "unknown_code"),
        ({"details": {"condition": 7}}, "details.condition", "type"),
        ({"details": {"answers": {"x": 1}}}, "details.answers.x", "unknown"),
        ({"note": "已处理。"}, "note", "stock_phrase"),
        ({"note": " "}, "note", "blank"),
        ({"before_photo_ids": []}, "before_photo_ids", "length"),
        ({"before_photo_ids": [theirs]}, "before_photo_ids.0", "photo_not_free"),
        ({"before_photo_ids": [new_id() for _ in range(10)]}, "before_photo_ids", "length"),
        ({"after_photo_ids": None}, "after_photo_ids", "required"),
        ({"after_photo_ids": used["after_photo_ids"]}, "after_photo_ids.0", "photo_not_free"),
        ({"handled": False}, "after_photo_ids", "only_when_handled"),
        ({"made_at": long_ago}, "made_at", "too_early"),
        ({"made_at": to_come}, "made_at", "too_late"),
        ({"assignee": way.officer.account_id}, "assignee", "unknown"),
    ]
    for fields, field, code in refused:
        answer = way.officer.post(PATH, body(way, **fields))
        assert answer.status_code == 422, (fields, answer.get_json())
        assert [(fault["field"], fault["code"]) for fault in answer.get_json()["errors"]] == [(field, code)], fields
    assert len(rows(select(Case.id))) == 1
    # The move itself is nobody's but this door's, and no resident's report goes by it.
    case = way.case(way.accepted(place=HERE | {"lat": HERE["lat"] + 0.01}))
    everywhere = way.people.staff("grid_officer", "990101")
    settle = {"move": "settle", "note": NOTE, "photo_ids": []}
    assert code_of(everywhere.post(f"/v1/cases/{case}/moves", settle)) == (422, "invalid")
    sync = {"moves": [settle | {"key": "1", "case_id": case}]}
    assert everywhere.post("/v1/cases/sync", sync).get_json()["items"][0]["status"] == 422


def test_a_limit_in_time_is_told_as_people_read_it(way: Way) -> None:
    answer = way.officer.post(PATH, body(way, made_at=(now() + timedelta(days=1)).isoformat()))
    (fault,) = answer.get_json()["errors"]
    assert re.fullmatch(r"May be \d{4}-\d\d-\d\d \d\d:\d\d\+08:00 at the latest\.", fault["message"])


def test_what_may_be_there_already_is_hinted_at(way: Way) -> None:
    same = way.accepted(category="E0101")
    way.accepted(category="C0101")
    first = filed(way)
    assert [(item["id"], "category" in item["alike"]) for item in first["nearby"]] == [(same, True)]
    assert [item["id"] for item in filed(way)["nearby"]] == [same, first["submission_id"]]


def test_sent_twice_it_is_filed_once(way: Way) -> None:
    sent, key = body(way), {"Idempotency-Key": "f-1"}
    answers = at_once(*[partial(way.officer.post, PATH, sent, headers=key) for _ in range(2)])
    answers += [way.officer.post(PATH, sent, headers=key)]
    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    assert len({answer.get_json()["id"] for answer in answers if answer.status_code == 201}) == 1
    # Under two keys, the photos are in one of them alone.
    sent = body(way)
    both = at_once(*[partial(way.officer.post, PATH, sent, headers={"Idempotency-Key": key}) for key in "ab"])
    assert sorted(answer.status_code for answer in both) in ([201, 422], [201, 503])
    assert len(rows(select(Case.id))) == len(rows(select(FoundCase.case_id))) == 2


def test_of_two_who_verify_at_once_one_does_and_one_entry_is_closed(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    share(way, monkeypatch, 100)
    others = [way.supervisor, way.people.staff("supervisor")]
    for names in (("verify", "verify"), ("verify", "rework")):
        case = filed(way)
        path, note = f"/v1/cases/{case['id']}/moves", "Some of it is still there."
        pairs = zip(others, names, strict=True)
        both = at_once(*[partial(who.post, path, {"move": name, "note": note}) for who, name in pairs])
        way.work()
        assert sorted(answer.status_code for answer in both) == [200, 409]
        found = one(select(FoundCase.passed, FoundCase.judged_at).where(FoundCase.case_id == case["id"]))
        assert found is not None
        assert (seen(way.supervisor, case)["state"] == "closed") == found.passed
    assert figures.recount(check=True) == 0
