"""Invited sides are counted apart by what is stored when somebody votes; and of few people nothing is told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from participate.catalogue import queries as catalogue
from participate.consultations import parts
from participate.consultations.models import Statement, Vote
from participate.kernel import deadlines
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from participate.kernel.db import rows
from participate.kernel.ids import new_id
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import HERE, Way, code_of

OPEN = None


class Invited:
    """A consultation to which residents of the community, members, a unit and an expert are invited."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.id = way.accepted("micro_consultation", details={"question": "几点熄灯？"})
        self.path = f"/v1/consultations/{self.id}"
        self.unit = str(catalogue.units(1, area="990101")["items"][0]["id"])
        self.expert = way.people.resident()
        self.sides: list[dict[str, Any]] = [
            {"kind": "residents", "name": "周边居民", "area": way.cell[:12]},
            {"kind": "members", "name": "政协委员", "area": "990101"},
            {"kind": "unit", "name": "城管局", "unit": self.unit},
            {"kind": "experts", "name": "专家", "accounts": [self.expert.account_id]},
        ]

    def invite(self, *sides: dict[str, Any]) -> Any:
        return self.way.moderator.patch(f"{self.path}/outcome", {"sides": sides or self.sides})

    def neighbour(self) -> Person:
        who = self.way.people.resident()
        assert who.post("/v1/me/follows", {"what": "cell", "place": HERE}).status_code == 201
        return who

    def stated(self, who: Person) -> Any:
        return who.post(f"{self.path}/statements", {"text": "九点半熄灯。"})

    def shown(self, who: Person) -> str:
        made = str(self.stated(who).get_json()["id"])
        self.way.moderator.post(f"{self.path}/statements/{made}/moves", {"move": "show"})
        return made

    def vote(self, who: Person, statement: str, vote: str = "agree") -> Any:
        return who.post(f"{self.path}/statements/{statement}/vote", {"vote": vote})

    def results(self, who: Person | None = None) -> dict[str, Any]:
        found: dict[str, Any] = (who or self.way.people.nobody()).get(f"{self.path}/results").get_json()
        return found

    def drawn(self, clock: HeldClock) -> dict[int | None, dict[str, Any]]:
        clock.forward(seconds=61)
        deadlines.sweep()
        self.way.work()
        return {part["side"]: part for part in self.results()["parts"]}


@pytest.fixture
def invited(way: Way) -> Invited:
    return Invited(way)


def test_who_belongs_to_a_side_is_what_is_stored_when_they_act(invited: Invited) -> None:
    assert invited.invite().status_code == 200
    way, neighbour = invited.way, invited.neighbour()
    both = way.people.staff_with(Grant("member", "990101"), Grant("handler", None, invited.unit))
    far, near = way.people.staff("member", "990102"), way.people.staff("member", "990101001")
    statement = invited.shown(neighbour)
    belongs = {neighbour: 1, both: 2 + 4, invited.expert: 8, far: 0, near: 2, way.people.resident(): 0}
    for who in belongs:
        assert invited.vote(who, statement).status_code == 200
    own = {who: invited.results(who)["own_sides"] for who in belongs}
    assert (own[neighbour], own[both], own[invited.expert], own[far]) == ([1], [2, 3], [4], [])
    assert invited.results()["own_sides"] == []
    kept = {row.account_id: row.sides for row in rows(select(Vote.account_id, Vote.sides))}
    assert kept == {who.account_id: sides for who, sides in belongs.items()}
    assert [row.sides for row in rows(select(Statement.sides))] == [1]
    (follow,) = neighbour.get("/v1/me/follows").get_json()["items"]
    assert neighbour.delete(f"/v1/me/follows/{follow['id']}").status_code == 204
    assert invited.vote(neighbour, statement, "pass").status_code == 200
    assert rows(select(Vote.sides).where(Vote.account_id == neighbour.account_id))[0].sides == 0


def test_a_round_may_be_for_the_invited_alone(invited: Invited, clock: HeldClock) -> None:
    assert invited.invite().status_code == 200
    times = {"opens_at": (now() + timedelta(days=1)).isoformat(), "closes_at": (now() + timedelta(days=2)).isoformat()}
    body = {"title": "受邀轮", "invited_only": True} | times
    assert invited.way.moderator.post(f"{invited.path}/rounds", body).status_code == 201
    clock.forward(days=1)
    neighbour, other = invited.neighbour(), invited.way.people.resident()
    statement = invited.shown(neighbour)
    assert code_of(invited.stated(other)) == (403, "not_invited")
    assert code_of(invited.vote(other, statement)) == (403, "not_invited")
    assert invited.vote(invited.expert, statement).status_code == 200


def test_figures_are_told_by_part_and_never_of_few(invited: Invited, clock: HeldClock) -> None:
    assert invited.results()["parts"] is None
    assert invited.invite().status_code == 200
    neighbours, others = [invited.neighbour() for _ in range(6)], [invited.way.people.resident() for _ in range(7)]
    one, two = invited.shown(neighbours[0]), invited.shown(neighbours[0])
    for who in neighbours:
        invited.vote(who, one, "agree")
    for who in others:
        invited.vote(who, one, "disagree")
        invited.vote(who, two, "pass")
    for who in neighbours[:4]:
        invited.vote(who, two, "agree")
    found = invited.drawn(clock)
    assert {side: found[side]["people"] for side in found} == {1: 6, 2: None, 3: None, 4: None, OPEN: 7}
    assert found[1]["statements"] == [{"statement_id": one, "agrees": 6, "disagrees": 0, "passes": 0}]
    # Of the second statement four neighbours' votes would be what the open part's leave of all.
    assert [each["statement_id"] for each in found[OPEN]["statements"]] == [one]
    # An expert alone is not told, and so nobody is whose figures would leave the expert's.
    invited.vote(invited.expert, one, "disagree")
    found = invited.drawn(clock)
    assert {side: found[side]["people"] for side in found} == {1: None, 2: None, 3: None, 4: None, OPEN: 7}
    assert (found[1]["statements"], found[4]["statements"]) == ([], [])


def test_what_is_told_leaves_nothing_small() -> None:
    assert parts.safe({1: 6, 0: 7}, [1, 0]) == {0, 1}
    assert parts.safe({1: 6, 2: 3, 0: 7}, [1, 2, 0]) == {0}
    assert parts.safe({1: 6, 2: 3, 3: 2, 0: 7}, [1, 2, 3, 0]) == {0, 1}
    assert parts.safe({1: 6, 2: 30}, [1]) == {1}
    assert parts.safe({1: 4}, [1]) == parts.safe({}, [1, 0]) == set()


def test_sides_are_named_by_who_runs_it_and_keep_their_places(invited: Invited) -> None:
    for who, status in ((invited.expert, 403), (invited.way.people.staff("moderator", "990102"), 403)):
        assert who.patch(f"{invited.path}/outcome", {"sides": []}).status_code == status
    assert invited.invite(invited.sides[0]).status_code == 200
    assert invited.invite().status_code == 200, "nobody has taken part yet"
    assert [side["side"] for side in invited.results()["sides"]] == [1, 2, 3, 4]
    assert "accounts" not in invited.results()["sides"][3]
    assert invited.results(invited.way.moderator)["sides"][3]["accounts"] == [invited.expert.account_id]
    assert invited.stated(invited.neighbour()).status_code == 201
    assert code_of(invited.invite(*invited.sides[1:])) == (409, "sides_fixed")
    expert = invited.sides[3] | {"accounts": [invited.way.people.resident().account_id]}
    assert (
        invited.invite(*invited.sides[:3], expert, {"kind": "members", "name": "市委员", "area": "9901"}).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("side", "faults"),
    [
        ({"kind": "residents"}, [("sides.0.area", "required")]),
        ({"kind": "residents", "area": "12345678"}, [("sides.0.area", "unknown_code")]),
        ({"kind": "unit", "unit": new_id()}, [("sides.0.unit", "unknown_code")]),
        ({"kind": "experts", "accounts": [new_id()]}, [("sides.0.accounts", "unknown_code")]),
        ({"kind": "members", "area": "990101", "accounts": [new_id()]}, [("sides.0.accounts", "unknown")]),
    ],
)
def test_a_side_names_what_there_is(invited: Invited, side: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    refused = invited.invite({"name": "一方"} | side)
    assert [(each["field"], each["code"]) for each in refused.get_json()["errors"]] == faults
