"""Many reports of one category from one community are pointed out to who moderates there, and may be asked about."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from participate.kernel.context import settings
from participate.kernel.db import execute, rows, table, transaction
from participate.kernel.ids import new_id, new_receipt, new_reference
from participate.submissions.models import Submission
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

PATH, CATEGORY = "/v1/consultations/clusters", "E0101"
_SUBMISSIONS = table(Submission)


class Town:
    """A town in which one report was accepted, which others are like."""

    def __init__(self, way: Way) -> None:
        self.way, self.area = way, way.cell[:12]
        self.report = way.accepted(category=CATEGORY)

    def alike(self, many: int, **other: Any) -> list[str]:
        """So many more reports, as that one but for what is said."""
        (row,) = rows(select(*_SUBMISSIONS.c).where(_SUBMISSIONS.c.id == self.report))
        made = [
            row._asdict() | {"id": new_id(), "reference": new_reference(), "receipt": new_receipt()} | other
            for _ in range(many)
        ]
        with transaction():
            execute(insert(_SUBMISSIONS), made)
        return [str(each["id"]) for each in made]

    def clusters(self, by: Person | None = None) -> list[tuple[str, str, int]]:
        items = (by or self.way.moderator).get(PATH).get_json()["clusters"]
        return [(item["category"], item["area"], item["cases"]) for item in items]

    def body(self, **other: Any) -> dict[str, Any]:
        asked = {"title": "路口怎样停车", "question": "这个路口怎样停车，大家都方便？"}
        return {"category": CATEGORY, "area": self.area} | asked | other


@pytest.fixture
def town(way: Way) -> Town:
    return Town(way)


def test_what_is_pointed_out_is_many_of_one_kind_from_one_place_and_of_late(town: Town, clock: HeldClock) -> None:
    assert town.clusters() == []
    town.alike(3)
    town.alike(9, public=False)
    town.alike(9, state="merged")
    town.alike(9, kind="micro_suggestion")
    town.alike(9, category=None)
    town.alike(4, area="990102001001")
    assert town.clusters() == []
    town.alike(1, joined=6)
    assert town.clusters() == [(CATEGORY, town.area, 5)]
    town.alike(6, category="E0102")
    assert town.clusters() == [("E0102", town.area, 6), (CATEGORY, town.area, 5)]
    found = town.way.moderator.get(PATH).get_json()["clusters"][1]
    assert (found["people"], found["submission_id"]) == (11, None)
    assert town.clusters(town.way.people.staff("moderator", "990102")) == []
    clock.forward(days=settings().cluster_days + 30)  # Ids are of this machine's own time.
    assert town.clusters() == []


def test_a_consultation_is_opened_from_one_and_says_so(town: Town) -> None:
    town.alike(4)
    colleague = town.way.people.staff("moderator")
    opened = colleague.post(PATH, town.body())
    assert opened.status_code == 201, opened.get_json()
    town.way.work()
    asked = opened.get_json()["submission_id"]
    assert town.way.moderator.get(PATH).get_json()["clusters"][0]["submission_id"] == asked
    assert code_of(town.way.moderator.post(PATH, town.body())) == (409, "consulted_already")
    assert town.way.decide(asked, "accept").status_code == 200
    shown = town.way.people.nobody().get(f"/v1/consultations/{asked}/results").get_json()
    assert (shown["state"], shown["origin"]["cases"], shown["origin"]["area"]) == ("open", 5, town.area)
    with transaction():  # Once it is over, the same may be asked about again.
        execute(update(_SUBMISSIONS).where(_SUBMISSIONS.c.id == asked).values(state="closed"))
    assert town.way.moderator.post(PATH, town.body()).status_code == 201


def test_two_at_once_open_one(town: Town) -> None:
    town.alike(4)
    answers = at_once(*[partial(town.way.moderator.post, PATH, town.body())] * 3)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


def test_who_does_not_moderate_there_opens_nothing(town: Town) -> None:
    town.alike(4)
    people = town.way.people
    for who, status in ((people.resident(), 403), (people.nobody(), 401), (town.way.dispatcher, 403)):
        assert who.get(PATH).status_code == status
        assert who.post(PATH, town.body()).status_code == status
    assert code_of(people.staff("moderator", "990102").post(PATH, town.body())) == (403, "move_not_yours")
    for wrong in ({"category": "E0102"}, {"area": "990101009009"}):
        assert town.way.moderator.post(PATH, town.body(**wrong)).status_code == 404
    assert town.way.moderator.post(PATH, town.body(area="99")).status_code == 422
