"""Two who act on one case at the same time cannot both have their way, and neither's step is lost."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from participate.catalogue import queries as catalogue
from participate.kernel.clock import now
from participate.kernel.db import rows
from participate.kernel.workflow import TimelineEntry
from tests.people import Person
from tests.steps import HERE, Way, at_once


class Crew:
    """Two people of the unit that holds a case."""

    def __init__(self, way: Way) -> None:
        unit = str(catalogue.units(1)["items"][0]["id"])
        self.way = way
        self.people = [way.people.staff("handler", unit=unit) for _ in range(2)]
        self.submission = way.accepted("micro_service", place=HERE | {"lat": HERE["lat"] + 0.01})
        way.act(way.dispatcher, self.submission, "dispatch", to={"unit": unit})
        self.path = f"/v1/cases/{way.case(self.submission)}"

    def post(self, who: Person, name: str, headers: dict[str, str] | None = None) -> int:
        body = {"move": name, "note": "The old sofa was collected this morning.", "waits_for": "weather"}
        body["due_at"] = (now() + timedelta(days=1)).isoformat()
        # Sent again, as clients do, where the machine is so busy that a writer's turn did not come in time.
        asked = (who.post(f"{self.path}/moves", body, headers=headers or {}).status_code for _ in range(5))
        return next(status for status in asked if status != 503)

    def both(self, name: str, headers: dict[str, str] | None = None) -> list[int]:
        return sorted(at_once(*[partial(self.post, who, name, headers) for who in self.people]))

    def steps(self) -> list[tuple[int, str]]:
        held = TimelineEntry
        case = self.path.rpartition("/")[2]
        found = rows(select(held.version, held.move).where(held.subject_id == case).order_by(held.version))
        return [(row.version, row.move) for row in found]


@pytest.fixture
def crew(way: Way) -> Crew:
    return Crew(way)


def test_a_move_that_both_make_is_made_once(crew: Crew) -> None:
    for name in ("accept", "start", "resolve"):
        assert crew.both(name) == [200, 409]
    assert [move for _, move in crew.steps()] == ["file", "dispatch", "accept", "start", "resolve"]


def test_of_two_that_build_on_the_same_version_one_lands(crew: Crew) -> None:
    crew.post(crew.people[0], "accept")
    for _ in range(5):
        held = {"If-Match": crew.people[0].get(crew.path).headers["ETag"]}
        assert crew.both("interim_reply", held) == [200, 412]
    assert len(crew.steps()) == 3 + 5


def test_a_hundred_pairs_have_one_effect_each(crew: Crew) -> None:
    """Half of them make the same move, and half make whichever they like on the version that both have seen."""
    crew.post(crew.people[0], "accept")
    crew.post(crew.people[1], "start")
    there_and_back = {"in_progress": ("pause", "resume"), "paused": ("resume", "pause")}
    for _ in range(50):
        there, back = there_and_back[crew.people[0].get(crew.path).get_json()["state"]]
        assert crew.both(there) == [200, 409]
        held = {"If-Match": crew.people[0].get(crew.path).headers["ETag"]}
        pair = zip(crew.people, ("interim_reply", back), strict=True)
        assert sorted(at_once(*(partial(crew.post, who, name, held) for who, name in pair))) == [200, 412]
    assert [version for version, _ in crew.steps()] == list(range(1, 2 + 2 + 100 + 1))


def test_two_that_do_not_hinder_each_other_both_land(crew: Crew) -> None:
    crew.post(crew.people[0], "accept")
    for _ in range(5):
        assert crew.both("interim_reply") == [200, 200]
    assert [version for version, _ in crew.steps()] == list(range(1, 14))


def test_starting_and_being_relieved_at_once(way: Way) -> None:
    other = way.people.staff("grid_officer", way.cell)
    relief = {"move": "reassign", "note": "On leave.", "to": {"assignee": other.account_id}}
    for _ in range(5):
        submission = way.accepted()
        way.act(way.officer, submission, "accept")
        path = f"/v1/cases/{way.case(submission)}/moves"
        start, reassign = partial(way.officer.post, path, {"move": "start"}), partial(way.dispatcher.post, path, relief)
        started, relieved = (answer.status_code for answer in at_once(start, reassign))
        assert (started, relieved) in {(200, 200), (403, 200)}
        assert other.get(path.removesuffix("/moves")).get_json()["state"] == "dispatched"
        assert way.state(submission) == ("in_progress" if started == 200 else "assigned")
