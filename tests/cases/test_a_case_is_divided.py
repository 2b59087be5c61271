"""A case is divided into parts that others handle; its lead answers for the whole once they are done."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from participate.cases.figures import recounting as figures
from participate.catalogue import queries as catalogue
from participate.kernel import deadlines
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from participate.kernel.db import rows
from participate.kernel.ids import new_id
from participate.kernel.workflow import TimelineEntry
from tests.cases.test_figures_tell_what_became_of_cases import told
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

STREET, COMMUNITY = "990101001", "990101001001"
CABLE = {"title": "The cable under the tree", "note": "The tree is gone: lay the cable anew."}
DONE = "The cable lies in its duct again and the street has had its light back since seven this evening."


def outcome(answer: Any) -> tuple[int, str]:
    if answer.status_code == 422:
        return 422, answer.get_json()["errors"][0]["code"]
    return (200, "") if answer.status_code == 200 else code_of(answer)


class Tree:
    """A tree on a cable: an officer works on it, and people of a unit could see to the cable."""

    def __init__(self, way: Way, kind: str = "micro_service") -> None:
        self.way, self.submission = way, way.accepted(kind)
        self.unit = str(catalogue.units(1)["items"][0]["id"])
        self.crew = [way.people.staff("handler", unit=self.unit) for _ in range(2)]
        self.lead = way.case(self.submission)
        for name in ("accept", "start"):
            assert self.act(way.officer, self.lead, name) == (200, "")

    def act(self, who: Person, case: str, name: str, **fields: Any) -> tuple[int, str]:
        answer = who.post(f"/v1/cases/{case}/moves", {"move": name} | fields)
        self.way.work()
        return outcome(answer)

    def divide(self, who: Person | None = None, **fields: Any) -> tuple[int, str]:
        asked = CABLE | {"to": {"unit": self.unit}} | fields
        given = {name: value for name, value in asked.items() if value is not None}
        return self.act(who or self.way.officer, self.lead, "divide", **given)

    def shown(self, case: str = "") -> dict[str, Any]:
        found: dict[str, Any] = self.way.people.staff("auditor").get(f"/v1/cases/{case or self.lead}").get_json()
        return found

    def part(self) -> str:
        """The last of its parts."""
        return str(self.shown()["parts"][-1]["id"])

    def divided(self) -> str:
        assert self.divide() == (200, "")
        return self.part()

    def work_on(self, part: str, until: str = "verify") -> None:
        """The unit sees to it, and a supervisor verifies that."""
        for name in ("accept", "start", "resolve", "verify")[: {"start": 2, "resolve": 3, "verify": 4}[until]]:
            who = self.way.supervisor if name == "verify" else self.crew[0]
            assert self.act(who, part, name, note=DONE) == (200, ""), name

    def resolve(self, **fields: Any) -> tuple[int, str]:
        return self.act(self.way.officer, self.lead, "resolve", note=DONE, **fields)

    def states(self) -> list[str]:
        return [part["state"] for part in self.shown()["parts"]]

    def heard(self) -> list[str]:
        items = self.way.author.get("/v1/me/updates?limit=100").get_json()["items"]
        return [item["fact"] for item in items if item["submission_id"] == self.submission]


@pytest.fixture
def tree(way: Way) -> Tree:
    return Tree(way)


def test_the_lead_is_done_once_its_parts_are(tree: Tree) -> None:
    way, before = tree.way, tree.shown()
    part = tree.divided()
    shown, of_lead = tree.shown(part), tree.shown()
    assert {name: shown[name] for name in ("part_of", "state", "unit", "title", "area", "submission_id", "kind")} == {
        **{"part_of": tree.lead, "state": "dispatched", "unit": tree.unit, "title": CABLE["title"]},
        **{"area": before["area"], "submission_id": tree.submission, "kind": "micro_service"},
    }
    assert shown["reference"] not in {before["reference"], None}
    (listed,) = of_lead["parts"]
    assert (listed["id"], listed["unit"], listed["overdue"]) == (part, tree.unit, False)
    assert (of_lead["parts_open"], of_lead["due_at"], of_lead["version"]) == (
        *(1, before["due_at"], before["version"] + 1),
    )
    in_lists = [(tree.crew[0], "unit"), (way.dispatcher, "area"), (way.supervisor, "area")]
    for who, view in in_lists:
        assert part in [item["id"] for item in who.get(f"/v1/cases?view={view}&limit=100").get_json()["items"]], view
    assert tree.resolve() == (409, "parts_open")
    tree.work_on(part, "resolve")
    assert tree.resolve() == (409, "parts_open"), "nobody has verified it"
    assert way.state(tree.submission) == "in_progress", "the submission follows its lead alone"
    assert tree.act(way.supervisor, part, "verify") == (200, "")
    assert (tree.states(), tree.shown()["parts_open"], way.state(tree.submission)) == (["closed"], 0, "in_progress")
    (to_lead,) = way.officer.get("/v1/me/updates").get_json()["items"]
    assert (to_lead["fact"], before["reference"] in to_lead["text"]) == ("verify", True)
    assert tree.resolve() == (200, "")
    assert tree.act(way.supervisor, tree.lead, "verify") == (200, "")
    assert way.state(tree.submission) == "answered"
    assert tree.heard()[-5:] == ["start", "divide", "verify", "resolve", "verify"], "one made, one done, no more of it"


def test_the_desks_read_of_both_what_others_need_not_know(tree: Tree) -> None:
    way, part = tree.way, tree.divided()
    tree.work_on(part)
    reference = tree.shown(part)["reference"]
    to_crew = tree.crew[1].get(f"/v1/cases/{part}/timeline?limit=100").get_json()["items"]
    assert to_crew == way.officer.get(f"/v1/cases/{tree.lead}/timeline?limit=100").get_json()["items"]
    spoken = [(step["subject"], step["move"]) for step in to_crew if step["part"] == reference]
    assert spoken == [
        *(("case", "divide"), ("part", "entrust"), ("part", "dispatch"), ("part", "accept"), ("part", "start")),
        *(("part", "resolve"), ("part", "verify")),
    ]
    theirs = way.author.get(f"/v1/submissions/{tree.submission}/timeline?limit=100").get_json()["items"]
    told = [step for step in theirs if step["subject"] == "part" or step["move"] == "divide"]
    assert [step["move"] for step in told] == ["divide", "verify"]
    assert not [step for step in told if step["note"] or step["part"]]
    assert CABLE["title"] not in str(theirs)
    assert reference not in str(theirs)


def test_it_goes_to_others_who_can_have_it_and_whoever_leads_sees_it(tree: Tree) -> None:
    way = tree.way
    elsewhere = way.people.staff("grid_officer", "990101002001001")
    for fields, code in [
        ({"to": {}}, "required"),
        ({"to": {"assignee": way.officer.account_id}}, "no_handler"),
        ({"to": {"assignee": way.author.account_id}}, "no_handler"),
        ({"to": {"assignee": elsewhere.account_id}}, "no_handler"),
        ({"to": {"unit": new_id()}}, "unknown_code"),
        ({"to_area": "990102"}, "not_below"),
        ({"to_area": STREET}, "not_below"),
        ({"to_area": f"{way.cell}999"}, "not_below"),
        ({"title": ""}, "length"),
    ]:
        assert tree.divide(**fields) == (422, code), fields
    assert tree.act(way.officer, tree.lead, "divide", to={"unit": tree.unit}) == (422, "required")
    for who in (way.people.staff("dispatcher", "990102"), tree.crew[0]):
        assert tree.divide(who) == (404, "not_found")
    assert tree.divide(way.people.staff("auditor")) == (403, "move_not_yours")
    assert tree.shown()["parts"] == []
    colleague = way.people.staff("grid_officer", way.cell)
    assert tree.divide(way.dispatcher, to={"assignee": colleague.account_id}) == (200, "")
    assert tree.divide(way.supervisor, to=None, to_area=tree.shown()["area"]) == (200, "")
    first, second = tree.shown()["parts"]
    assert [(each["state"], each["assignee"]) for each in (first, second)] == [
        *(("dispatched", colleague.account_id), ("filed", None)),
    ]
    assert tree.act(colleague, second["id"], "take") == (200, "")
    assert tree.act(colleague, first["id"], "divide", **CABLE, to={"unit": tree.unit}) == (422, "choice")
    mine = colleague.get("/v1/cases?view=mine").get_json()["items"]
    assert {item["id"] for item in mine} == {first["id"], second["id"]}
    stranger = way.people.staff("grid_officer", f"{way.cell[:12]}999")
    leads = {"to": {"assignee": way.people.staff("handler", "990101").account_id}, "note": "Yours."}
    assert tree.act(way.dispatcher, tree.lead, "reassign", **leads) == (200, "")
    assert stranger.get(f"/v1/cases/{first['id']}").status_code == 404
    alone = Tree(way)
    assert tree.act(way.dispatcher, alone.lead, "reassign", to={"unit": tree.unit}, note="Theirs.") == (200, "")
    assert alone.divide(way.dispatcher, to={"assignee": colleague.account_id}) == (200, "")
    assert [who.get(f"/v1/cases/{alone.part()}").status_code for who in (tree.crew[0], stranger)] == [200, 404]
    assert tree.crew[0].get(f"/v1/cases/{first['id']}").status_code == 404


def test_what_is_sealed_stays_with_supervisors(way: Way) -> None:
    sealed, supervisor = way.accepted("micro_supervision"), way.people.staff("supervisor", COMMUNITY)
    lead, tree = way.case(sealed), Tree(way)
    tree.lead = lead
    area = tree.shown()["area"]
    for fields, code in [
        ({"to": {"unit": tree.unit}}, "required"),
        ({"to": {"assignee": way.dispatcher.account_id}}, "no_handler"),
        ({"to": None, "to_area": area}, "required"),
    ]:
        assert tree.divide(way.supervisor, **fields) == (422, code)
    holder = tree.shown()["assignee"]
    free = next(who for who in (supervisor, way.supervisor) if who.account_id != holder)
    assert tree.divide(way.supervisor, to={"assignee": free.account_id}) == (200, "")
    part = tree.part()
    assert [who.get(f"/v1/cases/{part}").status_code for who in (free, way.dispatcher, way.officer)] == [200, 404, 404]


def test_whoever_did_either_judges_neither_the_other(tree: Tree) -> None:
    way, part = tree.way, tree.divided()
    crewed = way.people.staff_with(Grant("supervisor", "990101"), Grant("handler", None, tree.unit))
    led = way.people.staff_with(Grant("supervisor", "990101"), Grant("grid_officer", way.cell))
    assert tree.act(way.officer, tree.lead, "hand_over", to={"assignee": led.account_id}, note="Yours.") == (200, "")
    tree.work_on(part, "resolve")
    for who in (crewed, led):
        assert tree.act(who, part, "verify") == (409, "own_work")
    assert tree.act(way.supervisor, part, "rework", note="The street is dark.") == (200, "")
    for name in ("start", "resolve"):
        assert tree.act(tree.crew[1], part, name, note=DONE) == (200, "")
    assert tree.act(way.supervisor, part, "verify") == (200, "")
    for name in ("accept", "start", "resolve"):
        assert tree.act(led, tree.lead, name, note=DONE) == (200, "")
    assert tree.act(crewed, tree.lead, "verify") == (409, "own_work")
    assert tree.act(way.supervisor, tree.lead, "verify") == (200, "")


def test_its_desk_has_a_part_done_again_or_does_without_it(tree: Tree) -> None:
    way, part = tree.way, tree.divided()
    assert tree.act(way.officer, tree.lead, "reopen_part", part=part, note="Why.") == (409, "no_part_done")
    assert tree.act(way.officer, tree.lead, "drop_part", part=new_id(), note="Why.") == (422, "unknown_code")
    assert tree.act(tree.crew[0], tree.lead, "drop_part", part=part, note="Why.") == (404, "not_found")
    tree.work_on(part)
    assert tree.act(way.officer, tree.lead, "drop_part", part=part, note="Why.") == (409, "no_part_open")
    assert tree.act(way.officer, tree.lead, "reopen_part", part=part) == (422, "required")
    assert tree.act(way.officer, tree.lead, "reopen_part", part=part, note="Dark again.") == (200, "")
    assert (tree.states(), tree.resolve()) == (["rework"], (409, "parts_open"))
    for who in (tree.crew[0], tree.crew[1]):
        assert "start" in who.get(f"/v1/cases/{part}").get_json()["moves"]
    assert tree.act(way.dispatcher, tree.lead, "drop_part", part=part, note="The company came itself.") == (200, "")
    assert (tree.states(), tree.shown()["parts_open"]) == (["cancelled"], 0)
    held = deadlines.Deadline
    assert not rows(select(held.id).where(held.subject_id == part, held.settled_at.is_(None)))
    assert tree.act(tree.crew[0], part, "start") == (409, "wrong_state")
    for _ in range(8):
        assert tree.divide() == (200, "")
    assert (tree.divide(), len(tree.shown()["parts"])) == ((409, "enough_parts"), 9)
    assert "divide" not in tree.shown()["moves"]


def test_what_becomes_of_the_lead_becomes_of_what_is_open_of_it(way: Way) -> None:
    """Withdrawn before work begins; closed while others go on; taken up again, with its parts as they stood."""
    withdrawn = Tree.__new__(Tree)
    withdrawn.way, withdrawn.submission = way, way.accepted("micro_service")
    withdrawn.unit, withdrawn.lead = str(catalogue.units(1)["items"][0]["id"]), way.case(withdrawn.submission)
    withdrawn.crew = [way.people.staff("handler", unit=withdrawn.unit)]
    withdrawn.work_on(withdrawn.divided(), "start")
    assert way.move(way.author, withdrawn.submission, "withdraw").status_code == 200
    assert (withdrawn.states(), withdrawn.shown()["state"]) == (["cancelled"], "cancelled")

    closed = Tree(way)
    done = closed.divided()
    closed.work_on(done)
    closed.divided()
    assert closed.resolve(answer_class="C") == (200, "")
    assert closed.act(way.supervisor, closed.lead, "verify") == (200, "")
    assert closed.states() == ["closed", "dispatched"], "it is answered, and others go on"
    assert way.move(way.author, closed.submission, "reopen", note="It is dark.").status_code == 200
    assert (closed.states(), closed.shown()["state"]) == (["closed", "dispatched"], "rework")
    assert closed.act(way.officer, closed.lead, "start") == (200, "")
    assert closed.act(way.officer, closed.lead, "reopen_part", part=done, note="Dark.") == (200, "")
    assert closed.resolve(answer_class="C") == (200, "")
    assert closed.act(way.supervisor, closed.lead, "verify") == (200, "")
    assert way.move(way.author, closed.submission, "rate", resolved=True, satisfaction=4).status_code == 200
    assert (closed.states(), closed.shown()["parts_open"]) == (["cancelled", "cancelled"], 0)
    assert figures.recount(check=True) == 0


def test_a_part_has_its_own_clocks_which_do_not_outlast_the_lead_s(clock: HeldClock, tree: Tree) -> None:
    way = tree.way
    clock.forward(days=1)
    part = tree.divided()
    assert tree.shown(part)["due_at"] == tree.shown()["due_at"], "by its condition it would be a day later"
    assert tree.act(tree.crew[0], part, "resolve", note=DONE, answer_class="B") == (409, "wrong_state")
    tree.work_on(part, "start")
    assert tree.act(tree.crew[0], part, "resolve", note=DONE, answer_class="B") == (422, "lead_promises")
    wait = {"note": "The duct is dug up.", "waits_for": "contractor", "due_at": (now() + timedelta(days=9)).isoformat()}
    assert tree.act(tree.crew[0], part, "pause", **wait) == (200, "")
    clock.forward(days=4)
    deadlines.sweep()
    way.work()
    lead, shown = tree.shown(), tree.shown(part)
    assert (lead["state"], lead["level"], shown["state"], shown["level"]) == ("filed", 2, "paused", 1)
    clock.forward(days=6)
    deadlines.sweep()
    way.work()
    assert tree.shown(part)["state"] == "in_progress"
    clock.forward(days=9)
    deadlines.sweep()
    way.work()
    assert (tree.shown(part)["state"], tree.shown(part)["level"], tree.shown(part)["unit"]) == ("filed", 2, None)


def test_its_photos_are_doubted_for_themselves(way: Way) -> None:
    from tests.pictures import copied, scene

    tree = Tree.__new__(Tree)
    before = way.photo(way.author, scene(1))
    tree.way, tree.submission = way, way.accepted(photo_ids=[before])
    tree.unit, tree.lead = str(catalogue.units(1)["items"][0]["id"]), way.case(tree.submission)
    tree.crew = [way.people.staff("handler", unit=tree.unit)]
    for name in ("accept", "start"):
        tree.act(way.officer, tree.lead, name)
    part = tree.divided()
    tree.work_on(part, "start")
    assert tree.act(tree.crew[0], part, "resolve", note=DONE) == (422, "required"), "what is done can be seen"
    photos = [way.photo(tree.crew[0], copied(scene(1)))]
    assert tree.act(tree.crew[0], part, "resolve", note=DONE, photo_ids=photos) == (200, "")
    tree.act(way.supervisor, part, "verify")
    photos = [way.photo(way.officer, scene(2))]
    assert tree.resolve(photo_ids=photos) == (200, "")
    flags = [[flag["code"] for flag in tree.shown(case)["flags"]] for case in (part, tree.lead)]
    assert flags == [["after_is_before"], []]


def test_figures_of_an_area_count_what_was_handed_in_and_those_of_a_unit_its_parts(tree: Tree) -> None:
    way, part = tree.way, tree.divided()
    tree.work_on(part)
    watcher, names = way.people.staff("auditor", ""), ("filed", "closed", "on_time", "unrated", "replied")
    of = {
        what: told(watcher, what) for what in ("area=990101", f"unit={tree.unit}", f"person={way.officer.account_id}")
    }
    counted = {what: [found["counts"][name] for name in names] for what, found in of.items()}
    assert list(counted.values()) == [[1, 0, 0, 0, 0], [1, 1, 1, 0, 1], [1, 0, 0, 0, 0]]
    assert sum(level["times"] for level in of[f"unit={tree.unit}"]["levels"]) == 1
    tree.act(way.officer, tree.lead, "reopen_part", part=part, note="Dark again.")
    assert told(watcher, f"unit={tree.unit}")["counts"]["reopened"] == 1
    tree.act(way.officer, tree.lead, "drop_part", part=part, note="No need.")
    assert told(watcher, f"unit={tree.unit}")["counts"]["filed"] == 0
    assert figures.recount(check=True) == 0


def test_two_at_once_have_one_effect(tree: Tree) -> None:
    way = tree.way

    def both(*calls: Callable[[], Any]) -> list[int]:
        return [answer.status_code for answer in at_once(*calls)]

    def post(who: Person, case: str, name: str, **fields: Any) -> Callable[[], Any]:
        return partial(who.post, f"/v1/cases/{case}/moves", {"move": name, "note": DONE} | fields)

    def steps(move: str) -> int:
        held = TimelineEntry
        return int(rows(select(func.count()).where(held.move == move, held.subject_type == "part"))[0][0])

    part = tree.divided()
    tree.work_on(part, "resolve")
    assert sorted(both(*(post(who, part, "verify") for who in (way.supervisor, way.dispatcher)))) == [200, 409]
    assert (steps("verify"), tree.shown()["parts_open"]) == (1, 0)
    divide = post(way.dispatcher, tree.lead, "divide", title="Another", to={"unit": tree.unit})
    made, resolved = both(divide, post(way.officer, tree.lead, "resolve"))
    assert (made, resolved) in {(200, 409), (409, 200)}
    assert tree.shown()["parts_open"] == (1 if made == 200 else 0)
    if made != 200:
        assert tree.act(way.supervisor, tree.lead, "rework", note="No.") == (200, "")
        assert tree.act(way.officer, tree.lead, "start") == (200, "")
        assert tree.divide(way.dispatcher) == (200, "")
    last = tree.part()
    tree.work_on(last, "resolve")
    done, resolved = both(post(way.supervisor, last, "verify"), post(way.officer, tree.lead, "resolve"))
    assert done == 200
    assert resolved in {200, 409}, "it was done in time, or not"
    assert (tree.shown()["parts_open"], tree.shown()["state"]) == (0, "resolved" if resolved == 200 else "in_progress")
    if resolved != 200:
        assert tree.resolve() == (200, "")
    tree.act(way.supervisor, tree.lead, "rework", note="Dark.")
    again = (
        post(way.officer, tree.lead, "reopen_part", part=last),
        post(way.dispatcher, tree.lead, "reopen_part", part=last),
    )
    assert sorted(both(*again)) == [200, 409]
    assert (steps("reopen"), tree.shown()["parts_open"]) == (1, 1)
    dropping = post(way.dispatcher, tree.lead, "drop_part", part=last), post(tree.crew[0], last, "start")
    dropped, started = both(*dropping)
    assert (dropped, tree.states()[-1], started in {200, 409}) == (200, "cancelled", True)
    assert figures.recount(check=True) == 0
