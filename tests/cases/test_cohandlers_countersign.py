"""One leads a case, others handle it too: the reply is given once each of them stands by just that text."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, update

from participate.cases.models import Case
from participate.catalogue import queries as catalogue
from participate.kernel import deadlines
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from participate.kernel.db import execute, rows, transaction
from participate.kernel.workflow import TimelineEntry
from participate.submissions.models import Submission
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

DISTRICT = "990101"
REPLY = "The gas company has closed its leak, and the road over it lies smooth again since this morning."
OTHER = "The gas company has closed its leak; the road over it stays shut for heavy traffic until it is paved anew."


class Joint:
    """A case that its officer works on together with a colleague and a unit, neither of whom its scope would reach."""

    def __init__(self, way: Way) -> None:
        self.way, self.submission = way, way.started()
        self.unit = str(catalogue.units(1)["items"][0]["id"])
        self.colleague = way.people.staff("grid_officer", DISTRICT)
        self.crew = [way.people.staff("handler", unit=self.unit) for _ in range(2)]
        self.path = f"/v1/cases/{way.case(self.submission)}"
        for to in ({"assignee": self.colleague.account_id}, {"unit": self.unit}):
            assert way.act(way.dispatcher, self.submission, "invite", to=to).status_code == 200

    def shown(self) -> dict[str, Any]:
        found: dict[str, Any] = self.way.dispatcher.get(self.path).get_json()
        return found

    def states(self) -> list[str]:
        return [each["state"] for each in self.shown()["cohandlers"]]

    def propose(self, note: str = REPLY) -> tuple[int, str]:
        return outcome(self.way.act(self.way.officer, self.submission, "propose", note=note, answer_class="C"))

    def resolve(self, note: str = REPLY) -> tuple[int, str]:
        return outcome(self.way.act(self.way.officer, self.submission, "resolve", note=note, answer_class="C"))

    def say(self, who: Person, name: str, place: int = 0, **more: Any) -> tuple[int, str]:
        """What `who` says as (or about) the co-handler that was named first, or second."""
        cohandler = self.shown()["cohandlers"][place]["id"]
        answer = who.post(f"{self.path}/cohandlers/{cohandler}/moves", {"move": name} | more)
        self.way.work()
        return outcome(answer)


def outcome(answer: Any) -> tuple[int, str]:
    if answer.status_code == 422:
        return 422, answer.get_json()["errors"][0]["code"]
    return (200, "") if answer.status_code == 200 else code_of(answer)


def listed(who: Person, view: str) -> list[str]:
    return [item["id"] for item in who.get(f"/v1/cases?limit=100&view={view}").get_json()["items"]]


@pytest.fixture
def joint(way: Way) -> Joint:
    return Joint(way)


def test_the_reply_is_given_once_all_have_countersigned_that_text(joint: Joint) -> None:
    case, way = joint.path.rpartition("/")[2], joint.way
    assert joint.resolve() == (409, "not_countersigned")
    assert joint.say(joint.colleague, "countersign") == (409, "wrong_state"), "there is no draft yet"
    assert listed(joint.crew[0], "unit") == []
    assert joint.propose("Received.") == (422, "stock_phrase")
    assert joint.propose() == (200, "")
    assert listed(joint.colleague, "mine") == listed(joint.crew[0], "unit") == [case]
    assert joint.say(joint.colleague, "countersign", 1) == (403, "move_not_yours"), "the unit's word"
    assert joint.say(joint.colleague, "countersign") == (200, "")
    assert joint.resolve() == (409, "not_countersigned")
    assert joint.say(joint.crew[1], "decline", 1) == (422, "required")
    assert joint.say(joint.crew[1], "decline", 1, note="The leak is not closed.") == (200, "")
    assert listed(way.dispatcher, "withheld") == [case]
    assert joint.propose(OTHER) == (200, "")
    assert joint.states() == ["asked", "asked"], "another text is to be countersigned by everybody"
    assert listed(way.dispatcher, "withheld") == []
    for place, who in enumerate((joint.colleague, joint.crew[1])):
        assert joint.say(who, "countersign", place) == (200, "")
    assert joint.resolve() == (422, "not_as_countersigned")
    assert joint.resolve(OTHER) == (200, "")
    last = joint.shown()["cohandlers"][1]
    assert (last["unit"], last["answered_by"], last["state"]) == (
        joint.unit,
        joint.crew[1].account_id,
        "countersigned",
    )


def test_no_word_in_time_is_no_consent(joint: Joint, clock: HeldClock) -> None:
    way, case = joint.way, joint.path.rpartition("/")[2]
    with transaction():  # At the top there is no level above to take the case meanwhile.
        execute(update(Case).values(level=4))
    joint.propose()
    joint.say(joint.colleague, "countersign")
    clock.forward(days=4)
    deadlines.sweep()
    way.work()
    assert joint.states() == ["countersigned", "late"]
    assert joint.resolve() == (409, "not_countersigned")
    assert listed(way.dispatcher, "withheld") == [case]
    for who in (joint.colleague, way.people.staff("dispatcher", "990102")):
        assert joint.say(who, "release", 1, note="No need.") in {(403, "move_not_yours"), (404, "not_found")}
    assert joint.say(way.dispatcher, "release", 1) == (422, "required")
    assert joint.say(way.dispatcher, "release", 1, note="Their part was done by others.") == (200, "")
    assert joint.crew[0].get(joint.path).status_code == 404
    assert joint.resolve() == (200, "")


def test_each_has_a_clock_of_their_own(joint: Joint, clock: HeldClock) -> None:
    joint.propose()
    clock.forward(hours=1)
    third = joint.way.people.staff("grid_officer", DISTRICT)
    joint.way.act(joint.way.supervisor, joint.submission, "invite", to={"assignee": third.account_id})
    first, _, last = joint.shown()["cohandlers"]
    assert last["state"] == "asked"
    assert first["due_at"] < last["due_at"]
    held = deadlines.Deadline
    running = rows(select(func.count()).where(held.duty == "countersign", held.settled_at.is_(None)))
    assert running[0][0] == 3


def test_only_who_could_handle_it_and_does_not_yet(joint: Joint) -> None:
    way, author = joint.way, joint.way.author
    elsewhere = way.people.staff("grid_officer", "990102001001001")
    for to, code in [
        ({"assignee": elsewhere.account_id}, "no_handler"),
        ({"assignee": author.account_id}, "no_handler"),
        ({"assignee": way.officer.account_id}, "no_handler"),
        ({"assignee": joint.colleague.account_id}, "has_it_already"),
        ({"unit": joint.unit}, "has_it_already"),
        ({"unit": elsewhere.account_id}, "unknown_code"),
        ({}, "required"),
        ({"unit": joint.unit, "assignee": joint.colleague.account_id}, "one_holder"),
    ]:
        assert outcome(way.act(way.dispatcher, joint.submission, "invite", to=to)) == (422, code), to
    sealed = way.accepted("micro_supervision")
    for to, code in [
        ({"unit": joint.unit}, "required"),
        ({"assignee": joint.colleague.account_id}, "no_handler"),
    ]:
        assert outcome(way.act(way.people.staff("supervisor"), sealed, "invite", to=to)) == (422, code)


def test_a_cohandler_sees_it_and_does_not_verify_it(joint: Joint) -> None:
    way = joint.way
    outsider = way.people.staff("handler", unit=str(catalogue.units(2)["items"][1]["id"]))
    both = way.people.staff_with(Grant("supervisor", DISTRICT), Grant("handler", None, joint.unit))
    assert [who.get(joint.path).status_code for who in (*joint.crew, outsider)] == [200, 200, 404]
    assert joint.crew[0].get(joint.path).get_json()["moves"] == []
    assert joint.say(outsider, "countersign", 1) == (404, "not_found")
    joint.propose()
    for place, who in enumerate((joint.colleague, joint.crew[0])):
        joint.say(who, "countersign", place)
    joint.resolve()
    assert outcome(way.act(both, joint.submission, "verify")) == (409, "own_work")
    assert outcome(way.act(way.supervisor, joint.submission, "rework", note="Still leaking.")) == (200, "")
    assert joint.states() == ["named", "named"], "what is done again is answered anew"
    way.act(way.officer, joint.submission, "start")
    assert joint.resolve() == (409, "not_countersigned")


def test_a_cohandler_reads_what_was_handed_in_wherever_it_lies(way: Way) -> None:
    """What is not public is read by its desks; a unit from elsewhere sees it while it handles it too."""
    units = [str(each["id"]) for each in catalogue.units(2)["items"]]
    crew, others = (way.people.staff("handler", unit=unit) for unit in units)
    away = way.people.staff("handler", unit=units[0])
    photo = way.photo(way.author)
    submission = way.accepted("micro_service", photo_ids=[photo], anonymous=True)
    with transaction():
        execute(update(Submission).values(public=False))
    paths = [f"/v1/submissions/{submission}", f"/v1/submissions/{submission}/timeline"]
    paths += [f"/v1/photos/{photo}", f"/v1/photos/{photo}/view"]
    assert {who.get(path).status_code for who in (crew, others) for path in paths} == {404}
    assert way.act(way.dispatcher, submission, "invite", to={"unit": units[0]}).status_code == 200
    for path in paths:
        assert [who.get(path).status_code for who in (crew, away, others)] == [200, 200, 404], path
    read, desk = (who.get(paths[0]).get_json() for who in (crew, way.officer))
    assert (read["body"], read["author"], read["moves"]) == (desk["body"], None, [])
    assert [each["id"] for each in read["photos"]] == [photo]
    assert way.author.account_id not in "".join(crew.get(path).text for path in paths[:3])
    for stranger in (way.people.resident(), way.people.nobody(), way.people.staff("handler", "990102")):
        assert {stranger.get(path).status_code for path in paths} == {404}
    cohandler = way.dispatcher.get(f"/v1/cases/{way.case(submission)}").get_json()["cohandlers"][0]["id"]
    moves = f"/v1/cases/{way.case(submission)}/cohandlers/{cohandler}/moves"
    assert way.dispatcher.post(moves, {"move": "release", "note": "Not needed."}).status_code == 200
    assert {crew.get(path).status_code for path in paths} == {404}


def test_a_cohandler_of_a_part_reads_it_and_a_cohandlers_deputy(way: Way) -> None:
    unit = str(catalogue.units(1)["items"][0]["id"])
    submission = way.started()
    to = {"assignee": way.people.staff("grid_officer", way.cell).account_id}
    assert way.act(way.officer, submission, "divide", title="A part", note="Yours.", to=to).status_code == 200
    (part,) = way.officer.get(f"/v1/cases/{way.case(submission)}").get_json()["parts"]
    crew, colleague = (way.people.staff("handler", unit=unit) for _ in range(2))
    absentee, deputy = (way.people.staff("grid_officer", way.cell) for _ in range(2))
    for named in ({"unit": unit}, {"assignee": absentee.account_id}):
        body = {"move": "invite", "to": named}
        assert way.dispatcher.post(f"/v1/cases/{part['id']}/moves", body).status_code == 200
    with transaction():  # Out of the officers' reach, whose scope it lay in.
        execute(update(Submission).values(public=False, area="990102001001001", cell="990102001001001"))
    path = f"/v1/submissions/{submission}"
    assert [who.get(path).status_code for who in (crew, colleague, absentee, deputy)] == [200, 200, 200, 404]
    away = {"deputy": deputy.account_id, "ends_at": (now() + timedelta(days=1)).isoformat()}
    assert absentee.put("/v1/me/absence", away).status_code == 200
    assert deputy.get(path).status_code == 200
    assert absentee.delete("/v1/me/absence").status_code == 204
    assert deputy.get(path).status_code == 404


def test_another_lead_begins_anew_and_is_no_cohandler(joint: Joint) -> None:
    way = joint.way
    joint.propose()
    joint.say(joint.colleague, "countersign")
    to = {"assignee": joint.colleague.account_id}
    assert outcome(way.act(way.dispatcher, joint.submission, "reassign", to=to, note="Yours.")) == (200, "")
    assert (joint.states(), joint.shown()["draft"]) == (["released", "named"], None)
    assert listed(joint.colleague, "mine") == [joint.path.rpartition("/")[2]]
    clock = deadlines.Deadline
    assert not rows(select(clock.id).where(clock.duty == "countersign", clock.settled_at.is_(None)))


def test_two_at_once_have_one_effect(joint: Joint) -> None:
    way = joint.way

    def steps(move: str) -> int:
        held = TimelineEntry
        return int(rows(select(func.count()).where(held.move == move, held.subject_type == "cohandler"))[0][0])

    joint.propose()
    cohandler = joint.shown()["cohandlers"][1]["id"]
    path = f"{joint.path}/cohandlers/{cohandler}/moves"
    signing: list[Callable[[], Any]] = [partial(who.post, path, {"move": "countersign"}) for who in joint.crew]
    assert sorted(answer.status_code for answer in at_once(*signing)) == [200, 409]
    assert steps("countersign") == 1
    third = {"move": "invite", "to": {"assignee": way.people.staff("grid_officer", DISTRICT).account_id}}
    inviting = [partial(who.post, f"{joint.path}/moves", third) for who in (way.dispatcher, way.supervisor)]
    assert sorted(answer.status_code for answer in at_once(*inviting)) == [200, 422]
    assert (len(joint.states()), joint.shown()["unsigned"]) == (3, 2)
    last = partial(way.officer.post, f"{joint.path}/moves")
    draft, reply = ({"move": name, "note": REPLY, "answer_class": "C"} for name in ("propose", "resolve"))
    for place, who in ((0, joint.colleague), (2, way.dispatcher)):
        joint.say(who, "countersign" if place == 0 else "release", place, note="Not needed.")
    proposed, resolved = (answer.status_code for answer in at_once(partial(last, draft), partial(last, reply)))
    assert (proposed, resolved) in {(200, 409), (409, 200)}
