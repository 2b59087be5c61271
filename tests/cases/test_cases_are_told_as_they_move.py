"""Who handles cases hears of each step of those that they may see, of what comes to them, and of what goes."""

import random
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from participate.cases import stead, telling
from participate.cases.models import Case
from participate.cases.queries import _case
from participate.catalogue import queries as catalogue
from participate.kernel.auth import Caller, Grant
from participate.kernel.db import execute, rows, table, transaction
from participate.kernel.ids import new_id
from participate.submissions.supervisions.models import SupervisionBar
from tests.listeners import told
from tests.people import People, Person
from tests.steps import Way

PATH = "/v1/cases/stream"


class Hearing:
    """Somebody's stream, heard piece by piece."""

    def __init__(self, who: Person) -> None:
        self.who = who
        _, self.last = told(who, PATH)

    def more(self) -> list[Any]:
        """What has happened since."""
        events, self.last = told(self.who, PATH, self.last)
        return [event.body for event in events]

    def whats(self) -> list[str]:
        """Only what it was."""
        return [each["what"] for each in self.more()]


def test_each_step_is_told_with_the_state_that_follows(way: Way) -> None:
    mine, elsewhere = Hearing(way.officer), Hearing(way.people.staff("grid_officer", "990102001001"))
    submission = way.accepted()
    for name in ("accept", "start"):
        assert way.act(way.officer, submission, name).status_code == 200
    heard = mine.more()
    assert [each["what"] for each in heard] == ["came", "dispatch", "accept", "start"]
    case = way.officer.get(f"/v1/cases/{way.case(submission)}").get_json()
    assert heard[-1] == {name: case[name] for name in ("id", "version", "submission_id", "part_of", "state")} | {
        "what": "start",
        "at": heard[-1]["at"],
    }
    assert elsewhere.more() == []


def test_what_is_handed_on_goes_and_comes(way: Way) -> None:
    """A case is the unit's own once it has it: whoever else handles hears that it came, or is gone, and no more."""
    first, second = (str(unit["id"]) for unit in catalogue.units(2)["items"])
    submission = way.accepted("micro_suggestion", place=None)
    theirs, others = (Hearing(way.people.staff("handler", unit=unit)) for unit in (first, second))
    assert way.act(way.dispatcher, submission, "dispatch", to={"unit": first}).status_code == 200
    assert (theirs.whats(), others.whats()) == (["came"], [])
    assert way.act(way.dispatcher, submission, "reassign", to={"unit": second}, note="Theirs.").status_code == 200
    (gone,) = theirs.more()
    assert gone == {"id": way.case(submission), "what": "gone", "version": gone["version"], "at": gone["at"]}
    assert others.whats() == ["came"]


def test_a_co_handler_hears_of_it_too(way: Way) -> None:
    unit = str(catalogue.units(1)["items"][0]["id"])
    submission, too = way.started(), Hearing(way.people.staff("handler", unit=unit))
    assert way.act(way.dispatcher, submission, "invite", to={"unit": unit}).status_code == 200
    assert too.whats() == ["came"]
    assert way.act(way.officer, submission, "interim_reply", note="We have begun with it.").status_code == 200
    assert too.whats() == ["interim_reply"]


@pytest.mark.parametrize("role", ["moderator", "desk_head"])
def test_nobody_else_may_listen(people: People, role: str) -> None:
    assert people.staff(role).get(PATH).status_code == 403
    assert people.resident().get(PATH).status_code == 403
    assert people.nobody().get(PATH).status_code == 401


def test_who_hears_is_who_may_open_it(way: Way) -> None:
    """Told by a twin of the condition, over cases and scopes of every sort, also sealed ones."""
    chance, held = random.Random(5), table(Case)
    ids = [way.case(way.accepted("micro_suggestion")) for _ in range(6)]
    people, units = [way.officer.account_id, new_id()], [new_id(), new_id()]
    areas = [None, "99", "990101", "990102", way.cell]
    for each in ids:
        values = {"area": chance.choice(areas), "unit": chance.choice([None, *units])}
        values |= {"assignee": chance.choice([None, *people])}
        values |= {"kind": chance.choice(["micro_suggestion", "micro_supervision"])}
        with transaction():
            execute(update(held).where(held.c.id == each).values(**values))
    barred = rows(select(held.c.submission_id).where(held.c.kind == "micro_supervision"))
    with transaction():
        for row in barred[::2]:
            bar = {"submission_id": row.submission_id, "who": chance.choice([*people, *units])}
            execute(insert(table(SupervisionBar)).values(bar))
    roles = ["grid_officer", "dispatcher", "supervisor", "auditor", "moderator"]
    for _ in range(60):
        grants = [Grant(chance.choice(roles), chance.choice(["", *areas[1:]]), None)]
        grants += [Grant("handler", None, chance.choice(units))] if chance.random() < 0.5 else []
        absent = (people[1],) if chance.random() < 0.5 else ()
        caller = Caller(people[0] if absent else chance.choice(people), None, tuple(grants), absent)
        for row in rows(select(held)):
            seen = {name: getattr(row, name) for name in ("kind", "area", "unit", "assignee")} | {"with": []}
            seen |= {"submission": row.submission_id}
            opens = rows(_case(caller.grants, bool(absent)), {"id": row.id} | stead.asking(caller))
            assert bool(opens) == telling.sees(caller, seen)
