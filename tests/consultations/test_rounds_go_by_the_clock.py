"""Rounds are announced, open and end by the clock; votes count in them alone; everyone concerned hears of each step."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from participate.consultations import rounds
from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.kernel.ids import new_id
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

PAPERS = [{"title": "方案一", "text": "九点半熄灯。"}]


class Held:
    """A consultation whose staff hold it in rounds; times are in days from when it begins."""

    def __init__(self, way: Way, clock: HeldClock) -> None:
        self.way, self.clock, self.began = way, clock, now()
        self.id = way.accepted("micro_consultation", details={"question": "几点熄灯？"})
        self.path = f"/v1/consultations/{self.id}"
        self.voter, self.follower = way.people.resident(), way.people.resident()
        self.statement = str(self.voter.post(f"{self.path}/statements", {"text": "九点半熄灯。"}).get_json()["id"])
        shown = way.moderator.post(f"{self.path}/statements/{self.statement}/moves", {"move": "show"})
        assert shown.status_code == 200
        assert self.follower.post("/v1/me/follows", {"what": "submission", "submission_id": self.id}).status_code == 201

    def at(self, days: float) -> str:
        return (self.began + timedelta(days=days)).isoformat()

    def round(self, **days: float) -> dict[str, Any]:
        return {"title": "第一轮"} | {name: self.at(value) for name, value in days.items()}

    def plan(self, by: Person | None = None, **fields: Any) -> TestResponse:
        answer = (by or self.way.moderator).post(f"{self.path}/rounds", fields)
        self.way.work()
        return answer

    def planned(self, **days: float) -> str:
        answer = self.plan(**self.round(**days))
        assert answer.status_code == 201, answer.get_json()
        return str(answer.get_json()["id"])

    def move(self, round_id: str, name: str, by: Person | None = None, **fields: Any) -> TestResponse:
        headers = fields.pop("headers", {})
        path = f"{self.path}/rounds/{round_id}/moves"
        answer = (by or self.way.moderator).post(path, {"move": name} | fields, headers=headers)
        self.way.work()
        return answer

    def until(self, days: float) -> None:
        """The clock goes on to so many days from the beginning, and what is due is done."""
        self.clock.forward(seconds=(self.began + timedelta(days=days) - now()).total_seconds())
        deadlines.sweep()
        self.way.work()

    def vote(self, vote: str = "agree", by: Person | None = None) -> TestResponse:
        return (by or self.voter).post(f"{self.path}/statements/{self.statement}/vote", {"vote": vote})

    def seen(self, by: Person | None = None) -> list[tuple[str, str]]:
        items = (by or self.way.people.nobody()).get(f"{self.path}/rounds").get_json()["items"]
        return [(item["title"], item["state"]) for item in items]

    def closes_at(self) -> str | None:
        found: str | None = self.way.people.nobody().get(f"{self.path}/results").get_json()["closes_at"]
        return found


@pytest.fixture
def held(way: Way, clock: HeldClock) -> Held:
    return Held(way, clock)


def facts(who: Person) -> list[str]:
    items = who.get("/v1/me/updates?limit=100").get_json()["items"]
    return [item["fact"] for item in items if item["fact"] != "show"]


def test_a_round_goes_its_way_and_everyone_hears(held: Held) -> None:
    assert held.vote().status_code == 200, "without rounds it is open"
    round_id = held.planned(notice_at=1, opens_at=3, closes_at=5)
    assert code_of(held.vote("pass")) == (409, "between_rounds")
    assert (held.seen(), held.seen(held.way.moderator)) == ([], [("第一轮", "planned")])
    assert held.way.people.nobody().get(f"{held.path}/rounds/{round_id}").status_code == 404
    revised = held.move(round_id, "revise", papers=PAPERS)
    assert (revised.status_code, revised.get_json()["papers"]) == (200, PAPERS)
    assert (facts(held.voter), facts(held.follower)) == ([], [])
    held.until(1)
    assert held.way.people.nobody().get(f"{held.path}/rounds/{round_id}").get_json()["papers"] == PAPERS
    assert code_of(held.vote("pass")) == (409, "between_rounds")
    held.until(3)
    assert held.vote("pass").status_code == 200
    held.until(5)
    assert code_of(held.vote()) == (409, "consultation_over")
    assert held.seen() == [("第一轮", "over")]
    after = ["announce", "open", "end"]
    assert facts(held.voter) == facts(held.follower) == facts(held.way.author)[-3:] == after
    assert facts(held.way.people.resident()) == []
    first, second, _ = [item["text"] for item in held.follower.get("/v1/me/updates").get_json()["items"]]
    days = [(held.began + timedelta(days=days, hours=8)).date().isoformat() for days in (3, 5)]
    assert (days[0] in first, days[1] in second) == (True, True)


def test_votes_count_by_the_clock_whether_or_not_anybody_has_swept(held: Held) -> None:
    held.planned(notice_at=1, opens_at=3, closes_at=5)
    held.clock.forward(days=4)
    assert held.vote().status_code == 200
    held.clock.forward(days=1, seconds=1)
    assert code_of(held.vote("pass")) == (409, "consultation_over")
    for _ in range(3):  # What was slept through is done at one go, once.
        deadlines.sweep()
        held.way.work()
    assert facts(held.voter) == ["announce", "open", "end"]


def test_a_second_round_takes_the_votes_of_the_first_further(held: Held) -> None:
    held.planned(opens_at=1, closes_at=2)
    assert held.seen() == [("第一轮", "announced")], "without a day it is announced at once"
    held.planned(opens_at=4, closes_at=6)
    assert held.closes_at() == held.at(6).replace("+00:00", "Z")
    held.until(1)
    assert held.vote("agree").status_code == 200
    held.until(3)
    assert code_of(held.vote("pass")) == (409, "between_rounds")
    held.until(4)
    assert held.vote("disagree").get_json() | {"agrees": 0, "disagrees": 1} == held.vote("disagree").get_json()
    held.until(6)
    assert held.seen() == [("第一轮", "over"), ("第一轮", "over")]
    assert held.plan(**held.round(opens_at=8, closes_at=9)).status_code == 201, "until it is concluded"


def test_what_has_begun_stays_as_it_was(held: Held) -> None:
    round_id = held.planned(opens_at=1, closes_at=3)
    assert code_of(held.move(round_id, "revise", title="别的"))[0] == 409
    assert held.move(round_id, "change", opens_at=held.at(2)).status_code == 422, "no reason"
    assert held.move(round_id, "change", opens_at=held.at(2), note="场地另有安排。").status_code == 200
    refused = held.move(round_id, "change", notice_at=held.at(0.5), note="早一些。")
    assert [(each["field"], each["code"]) for each in refused.get_json()["errors"]] == [("notice_at", "round_past")]
    held.until(2)
    for field, value in (("opens_at", held.at(2.5)), ("title", "别的"), ("papers", PAPERS), ("invited_only", True)):
        refused = held.move(round_id, "change", note="换一下。", **{field: value})
        assert [(each["field"], each["code"]) for each in refused.get_json()["errors"]] == [(field, "round_past")]
    assert code_of(held.move(round_id, "cancel", note="不办了。")) == (409, "wrong_state")
    assert held.move(round_id, "change", closes_at=held.at(1), note="早一些。").status_code == 422
    assert held.move(round_id, "change", closes_at=held.at(4), note="再开放一天。").status_code == 200
    assert held.closes_at() == held.at(4).replace("+00:00", "Z")
    held.until(3.5)
    assert held.vote().status_code == 200
    held.clock.forward(days=1)
    assert code_of(held.move(round_id, "change", closes_at=held.at(6), note="再来。")) == (409, "wrong_state")
    assert facts(held.voter) == ["announce", "change", "open", "change"]


def test_a_round_may_be_called_off_and_one_that_nobody_has_heard_of_dropped(held: Held) -> None:
    heard, unheard = held.planned(opens_at=1, closes_at=2), held.planned(notice_at=3, opens_at=4, closes_at=5)
    assert held.move(heard, "cancel").status_code == 422
    assert held.move(heard, "cancel", note="场地另有安排。").get_json()["moves"] == []
    assert held.move(unheard, "drop").status_code == 200
    assert held.seen() == [("第一轮", "cancelled")]
    assert facts(held.voter) == ["announce", "cancel"]
    held.until(1.5)
    assert code_of(held.vote()) == (409, "between_rounds")
    held.until(6)
    assert facts(held.voter) == ["announce", "cancel"]


def test_who_does_not_run_it_plans_nothing(held: Held) -> None:
    round_id, wanted = held.planned(notice_at=1, opens_at=2, closes_at=3), held.round(opens_at=4, closes_at=5)
    far = held.way.people.staff("moderator", "990102")
    for who, status in ((held.voter, 403), (held.way.people.nobody(), 401), (held.way.dispatcher, 403), (far, 403)):
        assert held.plan(who, **wanted).status_code == status
        assert held.move(round_id, "drop", who).status_code == (404 if who is far else status)
    assert far.get(f"{held.path}/rounds/{round_id}").status_code == 404
    other = held.way.accepted("micro_consultation", details={"question": "别的？"})
    assert held.way.moderator.get(f"/v1/consultations/{other}/rounds/{round_id}").status_code == 404
    assert held.move(new_id(), "drop").status_code == 404


@pytest.mark.parametrize(
    ("days", "faults"),
    [
        ({"opens_at": -1, "closes_at": 1}, [("opens_at", "too_early"), ("opens_at", "too_early")]),
        ({"opens_at": 2, "closes_at": 1}, [("closes_at", "too_early")]),
        ({"notice_at": 3, "opens_at": 2, "closes_at": 4}, [("opens_at", "too_early")]),
        ({"opens_at": 1, "closes_at": 1000}, [("closes_at", "too_late")]),
        ({"opens_at": 5, "closes_at": 7}, [("opens_at", "round_overlaps")]),
    ],
)
def test_times_are_in_order_ahead_and_no_other_rounds(
    held: Held, days: dict[str, float], faults: list[tuple[str, str]]
) -> None:
    held.planned(opens_at=6, closes_at=8)
    refused = held.plan(**held.round(**days))
    assert [(each["field"], each["code"]) for each in refused.get_json()["errors"]] == faults


def test_two_at_once_change_it_once(held: Held) -> None:
    round_id = held.planned(notice_at=1, opens_at=2, closes_at=3)
    tag = held.way.moderator.get(f"{held.path}/rounds/{round_id}").headers["ETag"]
    path, headers = f"{held.path}/rounds/{round_id}/moves", {"If-Match": tag}
    calls = [partial(held.way.moderator.post, path, {"move": "drop"}, headers=headers) for _ in range(3)]
    assert sorted(answer.status_code for answer in at_once(*calls)) == [200, 412, 412]
    wanted = held.round(opens_at=4, closes_at=5)
    plans = [partial(held.way.moderator.post, f"{held.path}/rounds", wanted) for _ in range(3)]
    assert sorted(answer.status_code for answer in at_once(*plans)) == [201, 422, 422]


def test_two_workers_at_once_announce_it_once(held: Held) -> None:
    round_id = held.planned(notice_at=1, opens_at=2, closes_at=3)
    held.clock.forward(days=1)

    def turned() -> None:
        with held.way.app.app_context():
            rounds.turn(round_id)

    at_once(*[turned] * 3)
    held.way.work()
    assert held.seen() == [("第一轮", "announced")]
    assert facts(held.voter) == ["announce"]


def test_it_closes_with_its_last_round_and_a_conclusion_ends_all(held: Held) -> None:
    held.planned(opens_at=1, closes_at=2)
    held.planned(notice_at=2, opens_at=3, closes_at=4)
    day = {"closes_at": held.at(9)}
    assert code_of(held.way.moderator.patch(f"{held.path}/outcome", day)) == (409, "closes_with_rounds")
    held.until(1)
    assert held.way.move(held.way.moderator, held.id, "conclude", note="多数同意。").status_code == 200
    assert [state for _, state in held.seen(held.way.moderator)] == ["over", "dropped"]
    assert code_of(held.plan(**held.round(opens_at=5, closes_at=6))) == (409, "consultation_over")
    held.until(5)
    assert facts(held.voter) == ["announce", "open", "conclude"]


def test_first_votes_after_a_drawing_do_not_wait_for_each_other(held: Held) -> None:
    statements = [held.statement]
    for n in range(3):
        made = held.voter.post(f"{held.path}/statements", {"text": f"第 {n} 条意见。"}).get_json()["id"]
        held.way.moderator.post(f"{held.path}/statements/{made}/moves", {"move": "show"})
        statements.append(made)
    people = [held.way.people.resident() for _ in statements]
    for n, vote in enumerate(("agree", "pass", "disagree")):
        held.until(n + 1)  # It is drawn, and the next vote finds nothing stale.
        calls = [
            partial(who.post, f"{held.path}/statements/{statement}/vote", {"vote": vote})
            for who, statement in zip(people, statements, strict=True)
        ]
        assert [answer.status_code for answer in at_once(*calls)] == [200] * len(calls)
