"""An idea becomes a consultation in two rounds; what comes of it is promised and kept, and all who take part hear."""

from datetime import timedelta
from typing import Any

from participate.catalogue import queries as catalogue
from participate.kernel import deadlines
from participate.kernel.clock import now
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import HERE, Way, code_of

QUESTION = {"question": "社区广场几点熄灯合适？"}


class Walk:
    """Those who meet in one consultation: neighbours, a member, a unit, an expert, and somebody else."""

    def __init__(self, way: Way, clock: HeldClock) -> None:
        self.way, self.clock, people = way, clock, way.people
        self.unit = str(catalogue.units(1, area="990101")["items"][0]["id"])
        self.member, self.handler = people.staff("member"), people.staff("handler", None, self.unit)
        self.expert, self.other = people.resident(), people.resident()
        self.neighbours = [people.resident() for _ in range(5)]
        for who in self.neighbours:
            assert who.post("/v1/me/follows", {"what": "cell", "place": HERE}).status_code == 201

    def opened(self, submission_id: str) -> None:
        assert self.way.decide(submission_id, "accept").status_code == 200
        self.id, self.path = submission_id, f"/v1/consultations/{submission_id}"
        assert self.shown()["state"] == "open"

    def shown(self, by: Person | None = None) -> dict[str, Any]:
        found: dict[str, Any] = (by or self.way.people.nobody()).get(f"/v1/submissions/{self.id}").get_json()
        return found

    def at(self, days: float) -> str:
        return (now() + timedelta(days=days)).isoformat()

    def planned(self, title: str, opens: float, closes: float, **fields: Any) -> None:
        body = {"title": title, "opens_at": self.at(opens), "closes_at": self.at(closes)} | fields
        assert self.way.moderator.post(f"{self.path}/rounds", body).status_code == 201
        self.way.work()

    def on(self, **ahead: float) -> None:
        self.clock.forward(**ahead)
        deadlines.sweep()
        self.way.work()

    def states(self, who: Person, text: str) -> str:
        made = who.post(f"{self.path}/statements", {"text": text})
        assert made.status_code == 201, made.get_json()
        moved = self.way.moderator.post(f"{self.path}/statements/{made.get_json()['id']}/moves", {"move": "show"})
        assert moved.status_code == 200
        return str(made.get_json()["id"])

    def vote(self, who: Person, statement: str, vote: str) -> Any:
        return who.post(f"{self.path}/statements/{statement}/vote", {"vote": vote})

    def settle(self, **fields: Any) -> dict[str, Any]:
        answer = self.way.moderator.patch(f"{self.path}/outcome", fields)
        assert answer.status_code == 200, answer.get_json()
        self.way.work()
        found: dict[str, Any] = answer.get_json()
        return found

    def heard(self, who: Person) -> list[str]:
        items = who.get("/v1/me/updates?limit=100").get_json()["items"]
        return [item["fact"] for item in items if item["submission_id"] == self.id]


def test_from_an_idea_to_a_kept_promise(way: Way, clock: HeldClock) -> None:
    walk = Walk(way, clock)
    idea = way.accepted("micro_suggestion", title="广场熄灯", body="广场的灯光和音响应当早一点结束。")
    assert way.move(way.moderator, idea, "convert", into="micro_consultation").status_code == 200
    (carried,) = way.author.get(f"/v1/submissions/{idea}").get_json()["lineage"]
    walk.opened(carried["id"])
    assert walk.shown()["lineage"][0]["relation"] == "comes_from"

    sides = [
        {"kind": "residents", "name": "周边居民", "area": way.cell[:12]},
        {"kind": "unit", "name": "主管单位", "unit": walk.unit},
        {"kind": "experts", "name": "专家", "accounts": [walk.expert.account_id]},
        {"kind": "members", "name": "委员", "area": "990101"},
    ]
    walk.settle(sides=sides)
    papers = [{"title": "两个方案", "text": "九点半熄灯，或者十点半熄灯。"}]
    walk.planned("第一轮：受邀各方", 2, 5, invited_only=True, papers=papers)
    assert walk.other.post("/v1/me/follows", {"what": "submission", "submission_id": walk.id}).status_code == 201
    for invited in (walk.expert, walk.member, walk.handler, way.author):
        assert walk.heard(invited)[-1] == "announce"
    round_id = walk.other.get(f"{walk.path}/rounds").get_json()["items"][0]["id"]
    assert walk.other.get(f"{walk.path}/rounds/{round_id}").get_json()["papers"] == papers
    assert code_of(walk.expert.post(f"{walk.path}/statements", {"text": "太早了。"})) == (409, "between_rounds")

    walk.on(days=2)
    early = walk.states(walk.expert, "九点半熄灯，声音九点停止。")
    for who in (*walk.neighbours, walk.member, walk.handler):
        assert walk.vote(who, early, "agree").status_code == 200
    assert code_of(walk.vote(walk.other, early, "disagree")) == (403, "not_invited")
    walk.on(days=3)
    assert code_of(walk.vote(walk.expert, early, "agree")) == (409, "consultation_over")

    walk.planned("第二轮：面向公众", 1, 4)
    walk.on(days=1)
    late = walk.states(walk.other, "周末可以晚半小时。")
    crowd = [walk.other, *(way.people.resident() for _ in range(5))]
    for who in (*crowd, *walk.neighbours):
        assert walk.vote(who, late, "agree" if who in crowd else "disagree").status_code == 200
    walk.on(seconds=61)
    # The unit's and the member's votes are not told, and so the neighbours' are not, which would leave them of all.
    assert _figures(walk) == {None: (0, 6)}
    assert len(way.moderator.get(f"{walk.path}/signs").get_json()["signs"]) == 3
    walk.on(days=3)

    _conclude(walk, early, late)
    (promise,) = walk.other.get(f"/v1/commitments?submission_id={walk.id}").get_json()["items"]
    body = {"move": "deliver", "note": "定时器已经调好，九点半熄灯。", "photo_ids": [way.photo(walk.handler)]}
    for who in (walk.other, walk.member, way.moderator):
        assert who.post(f"/v1/commitments/{promise['id']}/moves", body).status_code in {403, 404}
    kept = walk.handler.post(f"/v1/commitments/{promise['id']}/moves", body)
    assert kept.get_json()["state"] == "kept"
    way.work()
    assert way.move(way.moderator, walk.id, "close", note="已落实。").status_code == 200

    after = ["conclude", "promise", "deliver", "close"]
    both = ["announce", "open", "end"] * 2
    assert walk.heard(walk.neighbours[0]) == [*both[2:], *after], "who takes part hears from then on"
    assert walk.heard(way.author)[-10:] == [*both, *after]
    assert walk.heard(walk.expert) == ["announce", "show", *both[2:], *after]
    assert walk.heard(walk.member) == walk.heard(walk.handler) == ["announce", *both[2:], *after]
    assert [each for each in walk.heard(walk.other) if each != "show"] == [*both[1:], *after]
    assert walk.heard(way.people.resident()) == []


def _figures(walk: Walk) -> dict[int | None, tuple[int, int]]:
    """Who has disagreed, and agreed, to the last statement, by the parts that may be told."""
    parts = walk.other.get(f"{walk.path}/results").get_json()["parts"]
    told = {part["side"]: part["statements"] for part in parts if part["people"] is not None}
    return {side: (said[-1]["disagrees"], said[-1]["agrees"]) for side, said in told.items()}


def _conclude(walk: Walk, early: str, late: str) -> None:
    for who in (walk.member, walk.other, walk.handler):
        assert walk.way.move(who, walk.id, "conclude", note="就这样。").status_code == 403
    assert walk.way.move(walk.way.moderator, walk.id, "conclude", note="多数人同意九点半熄灯。").status_code == 200
    adopted = {"adopted": "adopted", "reason": "路灯定时器本月调整。", "unit": walk.unit, "due_at": walk.at(20)}
    refused = {"adopted": "not", "reason": "周边居民多数反对。"}
    outcomes = [{"statement_id": early} | adopted, {"statement_id": late} | refused]
    said = walk.settle(outcomes=outcomes, minutes="到会居民代表九人。")["outcomes"]
    assert ["commitment_id" in each for each in said] == [True, False]


def test_staff_open_one_together(way: Way, clock: HeldClock) -> None:
    walk, colleague = Walk(way, clock), way.people.staff("moderator")
    asked = way.hand_in("micro_consultation", by=colleague, details=QUESTION)
    queue = colleague.get("/v1/moderation/queue?limit=100").get_json()["items"]
    assert asked not in {task["submission_id"] for task in queue}, "nobody opens one alone"
    walk.opened(asked)
    assert walk.vote(walk.other, walk.states(walk.other, "九点半熄灯。"), "agree").status_code == 200
