"""Staff tell an area something: to many only once somebody else consents, page by page, and no further once stopped."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select

from participate.accounts.models import Account
from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.kernel.db import execute, rows, table, transaction
from participate.kernel.ids import new_id
from participate.updates.broadcasts import service
from participate.updates.following import keys
from participate.updates.following.models import Follow
from participate.updates.models import FeedEntry
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import HERE, Way, at_once, code_of
from tests.updates.conftest import Post, choose, deliveries, reachable

PATH = "/v1/broadcasts"
STREET = "990101001"
NOTICE: dict[str, Any] = {"area": STREET, "text": "今日停水，请提前储水。", "text_en": "Water is cut today."}


def neighbours(way: Way, many: int) -> set[str]:
    """So many accounts that follow the cell, as `follow` would leave them."""
    at, ids = now(), [new_id() for _ in range(many)]
    account = {"display_name": "居民", "language": "zh-Hans", "created_at": at}
    follow = {"key": keys.of_cell(way.cell), "what": "cell", "area": way.cell, "created_at": at}
    with transaction():
        execute(insert(table(Account)), [account | {"id": one, "phone": f"+86137{n:08}"} for n, one in enumerate(ids)])
        execute(insert(table(Follow)), [follow | {"id": new_id(), "account_id": one} for one in ids])
    return set(ids)


def announced(who: Person, **fields: Any) -> dict[str, Any]:
    answer = who.post(PATH, NOTICE | fields)
    assert answer.status_code == 201, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def move(who: Person, broadcast: str, name: str, note: str | None = None) -> Any:
    return who.post(f"{PATH}/{broadcast}/moves", {"move": name} | ({"note": note} if note else {}))


def swept(way: Way) -> None:
    deadlines.sweep()
    way.work()


def told() -> list[str]:
    return [row.account_id for row in rows(select(FeedEntry.account_id).where(FeedEntry.move == "announce"))]


def test_neighbours_hear_it_in_their_language_and_others_do_not(way: Way) -> None:
    near, also, far = (way.people.resident() for _ in range(3))
    for who in (near, also):
        assert who.post("/v1/me/follows", {"what": "cell", "place": HERE}).status_code == 201
    assert way.dispatcher.post(f"{PATH}/rehearsal", {"area": STREET}).get_json() == {
        "people": 2,
        "needs_consent": False,
    }
    made = announced(way.dispatcher)
    swept(way)
    assert sorted(told()) == sorted([near.account_id, also.account_id])
    (heard,) = near.get("/v1/me/updates").get_json()["items"]
    assert "Water is cut today." in heard["text"]
    assert heard["submission_id"] is None
    (heard,) = also.get("/v1/me/updates", headers={"Accept-Language": "zh-Hans"}).get_json()["items"]
    assert "请提前储水" in heard["text"]
    assert far.get("/v1/me/updates").get_json()["items"] == []
    shown = way.dispatcher.get(f"{PATH}/{made['id']}").get_json()
    assert (shown["state"], shown["told"], shown["moves"]) == ("sent", 2, ["stop"])


def test_what_is_urgent_waits_for_no_quiet_hours(way: Way, clock: HeldClock) -> None:
    who = reachable(way.people.resident(), quiet_from="00:00", quiet_until="23:59")
    assert who.post("/v1/me/follows", {"what": "cell", "place": HERE}).status_code == 201
    for urgent in (False, True):
        announced(way.dispatcher, urgent=urgent)
        swept(way)
    assert [(row.urgent, row.due_at > clock()) for row in deliveries()] == [(False, True), (True, False)]


def test_many_hear_it_when_another_consents(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ALONE", 4)
    people, made = neighbours(way, 5), announced(way.dispatcher)
    swept(way)
    assert (made["state"], made["people"], made["moves"], told()) == ("waiting", 5, ["refuse"], [])
    assert code_of(move(way.dispatcher, made["id"], "consent")) == (409, "own_broadcast")
    answers = at_once(*[partial(move, way.supervisor, made["id"], "consent")] * 2)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    swept(way)
    assert sorted(told()) == sorted(people)
    assert way.dispatcher.get(f"{PATH}/{made['id']}").get_json()["decided_by"] == way.supervisor.account_id


def test_it_can_be_refused(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ALONE", 0)
    neighbours(way, 1)
    made = announced(way.dispatcher)["id"]
    assert move(way.supervisor, made, "refuse").status_code == 422
    assert move(way.supervisor, made, "refuse", "It is tomorrow.").get_json()["state"] == "refused"
    swept(way)
    assert told() == []


def test_it_is_told_page_by_page_until_it_is_stopped(
    way: Way, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PAGE", 10)
    neighbours(way, 25)
    made = announced(way.dispatcher)["id"]
    swept(way)
    swept(way)
    assert len(told()) == 10, "the next ones wait"
    clock.forward(seconds=11)
    swept(way)
    assert len(told()) == 20
    assert move(way.supervisor, made, "stop", "The water is back.").get_json()["told"] == 20
    clock.forward(seconds=11)
    swept(way)
    service.tell_some(made)
    assert len(told()) == len(set(told())) == 20
    assert code_of(move(way.supervisor, made, "stop", "Again.")) == (409, "wrong_state")


def test_what_is_stopped_is_not_sent_either(way: Way, clock: HeldClock, post: Post) -> None:
    """Whoever sleeps, or whose channel is away, has not had it yet, though all have been told in their feeds."""
    now_, later = (reachable(way.people.resident(), f"{name}@example.org") for name in ("now", "later"))
    choose(later, {"channel": "email", "on": True, "language": "en", "quiet_from": "09:00", "quiet_until": "12:00"})
    for who in (now_, later):
        assert who.post("/v1/me/follows", {"what": "cell", "place": HERE}).status_code == 201
    made = announced(way.dispatcher)["id"]
    swept(way)
    post.send()
    assert way.dispatcher.get(f"{PATH}/{made}").get_json()["moves"] == ["stop"], "it was sent to all"
    assert [mail["To"] for mail in post.mail.taken] == ["now@example.org"]
    assert move(way.supervisor, made, "stop", "It was another street.").get_json()["state"] == "stopped"
    clock.forward(hours=3)
    post.send()
    assert [mail["To"] for mail in post.mail.taken] == ["now@example.org"]
    assert sorted(row.state for row in deliveries()) == ["muted", "sent"]
    again = announced(way.dispatcher)["id"]
    swept(way)
    post.send()
    assert len(post.mail.taken) == 3, "another notice is sent"
    assert again != made


def test_all_hear_it_once_whatever_pages_end_where(way: Way, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE", 5)
    people, made = neighbours(way, 15), announced(way.dispatcher)["id"]
    for _ in range(5):
        swept(way)
        clock.forward(seconds=11)
    assert sorted(told()) == sorted(people)
    assert way.dispatcher.get(f"{PATH}/{made}").get_json()["state"] == "sent"


def test_only_who_answers_for_the_whole_area_may(way: Way) -> None:
    people = way.people
    below, elsewhere = people.staff("dispatcher", f"{STREET}001"), people.staff("supervisor", "990102")
    for who in (below, elsewhere):
        assert code_of(who.post(PATH, NOTICE)) == (403, "not_your_area")
        assert code_of(who.post(f"{PATH}/rehearsal", {"area": STREET})) == (403, "not_your_area")
    for who in (way.officer, way.moderator, way.author, people.staff("auditor")):
        assert who.post(PATH, NOTICE).status_code == 403
    made = announced(way.dispatcher)["id"]
    for who in (below, elsewhere):
        assert who.get(f"{PATH}/{made}").status_code == 404
        assert move(who, made, "stop", "No.").status_code == 404
        assert who.get(PATH).get_json()["items"] == []
    auditor = people.staff("auditor")
    assert [item["id"] for item in auditor.get(PATH).get_json()["items"]] == [made]
    assert auditor.get(f"{PATH}/{made}").get_json()["moves"] == []
    assert move(auditor, made, "stop", "No.").status_code == 403
    assert way.dispatcher.post(PATH, NOTICE | {"area": "11"}).status_code == 422


def test_nobody_talks_all_day(way: Way, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_A_DAY", 2)
    announced(way.dispatcher)
    answers = at_once(*[partial(way.dispatcher.post, PATH, NOTICE)] * 2)
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    announced(way.supervisor)
    clock.forward(days=1, seconds=1)
    announced(way.dispatcher)
