"""Whoever is away has a deputy for that time, who does what they hold in their stead, and nothing that both may not."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from participate.accounts.models import Absence
from participate.audit.models import AuditEntry
from participate.cases.deputies import queries, service
from participate.cases.models import Case
from participate.cases.service import move
from participate.catalogue import queries as catalogue
from participate.kernel import deadlines
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import execute, rows, transaction
from participate.kernel.errors import Forbidden
from participate.kernel.workflow import TimelineEntry
from participate.submissions.kinds import SEALED
from participate.submissions.models import Submission
from tests.conftest import HeldClock
from tests.people import Person
from tests.steps import Way, at_once, code_of

STREET = "990101001"
REPLY = "The hole is filled, and the road over it lies smooth again since this morning."


def leave(who: Person, deputy: Person, days: float = 7, **more: Any) -> TestResponse:
    body = {"deputy": deputy.account_id, "ends_at": (now() + timedelta(days=days)).isoformat()} | more
    return who.put("/v1/me/absence", body)


def outcome(answer: TestResponse) -> tuple[int, str]:
    if answer.status_code == 422:
        return 422, answer.get_json()["errors"][0]["code"]
    return (answer.status_code, "") if answer.status_code < 300 else code_of(answer)


def listed(who: Person, view: str = "mine") -> dict[str, str | None]:
    items = who.get(f"/v1/cases?limit=100&view={view}").get_json()["items"]
    return {item["submission_id"]: item["instead_of"] for item in items}


def heard(who: Person) -> list[str]:
    found = who.get("/v1/me/updates").get_json()["items"]
    return [each["fact"] for each in found if each["fact"] in {"named", "ended"}]


@pytest.fixture
def deputy(way: Way) -> Person:
    """An officer of the street, within which the absentee's cell lies."""
    return way.people.staff("grid_officer", STREET)


def test_a_deputy_has_what_the_absentee_has_until_they_are_back(way: Way, deputy: Person) -> None:
    held, own = way.accepted(), way.accepted()
    way.act(way.dispatcher, own, "reassign", to={"assignee": deputy.account_id}, note="Yours.")
    assert listed(deputy) == {own: None}
    absentee = way.officer.account_id
    assert leave(way.officer, deputy, reason="On holiday.").status_code == 200
    later = way.accepted()
    assert listed(deputy) == {held: absentee, own: None, later: absentee}
    assert listed(way.officer) == {held: None, later: None}, "it stays theirs"
    pages = [deputy.get("/v1/cases?limit=2")]
    pages.append(deputy.get(f"/v1/cases?limit=2&cursor={pages[0].get_json()['next']}"))
    assert [each["submission_id"] for page in pages for each in page.get_json()["items"]] == [held, own, later]
    stops = deputy.get("/v1/cases/route?lat=28.2282&lon=112.9388&crs=wgs84").get_json()["items"]
    assert {stop["case"]["submission_id"]: stop["case"]["instead_of"] for stop in stops} == listed(deputy)
    shown = deputy.get(f"/v1/cases/{way.case(held)}").get_json()
    assert (shown["instead_of"], "accept" in shown["moves"]) == (absentee, True)
    assert outcome(way.act(deputy, held, "accept")) == (200, "")
    assert way.officer.request("DELETE", "/v1/me/absence").status_code == 204
    assert listed(deputy) == {own: None}
    assert outcome(way.act(deputy, held, "start")) == (403, "move_not_yours")
    assert outcome(way.act(way.officer, held, "start")) == (200, "")


def test_it_is_over_at_the_minute(way: Way, deputy: Person, clock: HeldClock) -> None:
    held = way.accepted()
    begin = {"starts_at": (now() + timedelta(hours=1)).isoformat()}
    assert leave(way.officer, deputy, 0.25, **begin).status_code == 200
    assert listed(deputy) == {}
    clock.forward(hours=1)
    assert listed(deputy) == {held: way.officer.account_id}
    clock.forward(hours=5)
    assert listed(deputy) == {}, "no worker has looked yet"
    assert outcome(way.act(deputy, held, "accept")) == (403, "move_not_yours")
    way.work()
    assert heard(way.officer) == ["named"]
    deadlines.sweep()
    way.work()
    assert heard(way.officer) == heard(deputy) == ["named", "ended"]
    assert way.officer.get("/v1/me/absence").get_json() == {"absence": None, "stands_for": []}
    assert [tuple(row) for row in rows(select(Absence.reason, Absence.ended_at.is_not(None)))] == [(None, True)]


def test_the_record_says_who_did_it_in_whose_stead(way: Way, deputy: Person) -> None:
    held, absentee = way.accepted(), way.officer.account_id
    leave(way.officer, deputy)
    for name in ("accept", "start"):
        assert outcome(way.act(deputy, held, name)) == (200, "")
    photos = [way.photo(deputy)]
    assert outcome(way.act(deputy, held, "resolve", note=REPLY, photo_ids=photos)) == (200, "")
    steps = way.dispatcher.get(f"/v1/cases/{way.case(held)}/timeline?limit=100").get_json()["items"]
    told = {step["move"]: step["in_stead"] for step in steps if step["subject"] == "case"}
    both = {"deputy": deputy.account_id, "of": absentee}
    assert told == {"file": None, "dispatch": None, "accept": both, "start": both, "resolve": both}
    for who in (way.author, way.people.nobody(), way.people.staff("supervisor")):
        public = who.get(f"/v1/submissions/{held}/timeline?limit=100")
        assert absentee not in public.text
        assert {step["in_stead"] for step in public.get_json()["items"]} == {None}
    case = rows(select(Case.assignee, Case.resolved_by))[0]
    assert tuple(case) == (absentee, deputy.account_id)
    trail = rows(select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.details))
    (named,) = [row for row in trail if row.action == "absence.named"]
    assert (named.actor_id, named.details["account"], named.details["deputy"]) == (absentee, absentee, both["deputy"])


def test_both_are_told_and_what_staff_are_told_of_a_case_both_hear(way: Way, deputy: Person, clock: HeldClock) -> None:
    way.act(way.officer, way.accepted(), "accept")
    ill = {"account": way.officer.account_id, "deputy": deputy.account_id, "reason": "Ill."}
    made = way.supervisor.post("/v1/absences", ill | {"ends_at": (now() + timedelta(days=9)).isoformat()})
    assert made.status_code == 201
    clock.forward(hours=30)
    deadlines.sweep()
    way.work()
    for who in (way.officer, deputy):
        facts = [each["fact"] for each in who.get("/v1/me/updates").get_json()["items"]]
        assert [fact for fact in facts if fact in {"named", "warned"}] == ["named", "warned"]
    told = deputy.get("/v1/me/absence").get_json()
    assert (told["absence"], [each["account"] for each in told["stands_for"]]) == (None, [way.officer.account_id])
    assert "Ill." not in deputy.get("/v1/me/absence").text + deputy.get("/v1/me/updates").text
    assert way.officer.get("/v1/me/absence").get_json()["absence"]["reason"] == "Ill."


# What is said of the deputy: the grants of both, and how it ends.
FITS: tuple[tuple[list[Grant], list[Grant], bool], ...] = (
    ([Grant("grid_officer", "990101001001001")], [Grant("grid_officer", "990101001001001")], True),
    ([Grant("grid_officer", "990101001001001")], [Grant("grid_officer", "9901")], True),
    ([Grant("grid_officer", "990101001001001")], [Grant("grid_officer", "990101001001002")], False),
    ([Grant("grid_officer", "9901")], [Grant("grid_officer", "990101001001001")], False),
    ([Grant("grid_officer", "990101001001001")], [Grant("supervisor", "990101")], False),
    ([Grant("supervisor", "990101")], [Grant("supervisor", "9901")], True),
    ([Grant("supervisor", "990101")], [Grant("dispatcher", "9901")], False),
    ([Grant("dispatcher", "990101")], [Grant("dispatcher", "990102")], False),
    ([Grant("handler", None, "unit")], [Grant("handler", None, "unit")], True),
    ([Grant("handler", None, "unit")], [Grant("handler", None, "other")], False),
    ([Grant("handler", None, "unit")], [Grant("handler", "")], False),
    ([Grant("dispatcher", "990101"), Grant("supervisor", "990101")], [Grant("supervisor", "990101")], False),
    ([Grant("supervisor", "990101"), Grant("auditor", "")], [Grant("supervisor", "990101")], True),
)


@pytest.mark.parametrize("number", range(len(FITS)))
def test_a_deputy_has_the_same_role_and_reaches_as_far(way: Way, number: int) -> None:
    units = dict(zip(("unit", "other"), (str(each["id"]) for each in catalogue.units(2)["items"]), strict=True))
    absentee, stand_in, fits = FITS[number]
    people = [
        way.people.staff_with(*(Grant(g.role, g.area, units[g.unit] if g.unit else None) for g in grants))
        for grants in (absentee, stand_in)
    ]
    assert outcome(leave(*people)) == ((200, "") if fits else (422, "no_deputy"))


def test_who_is_no_deputy_at_all(way: Way, deputy: Person) -> None:
    for nobody in (way.officer.account_id, way.author.account_id, "019aafc3-7c00-7000-8000-000000000001"):
        body = {"deputy": nobody, "ends_at": (now() + timedelta(days=1)).isoformat()}
        assert outcome(way.officer.put("/v1/me/absence", body)) == (422, "no_deputy")
    for days, more, code in [
        (-1, {}, "too_early"),
        (367, {}, "too_late"),
        (7, {"starts_at": (now() - timedelta(hours=1)).isoformat()}, "too_early"),
        (7, {"starts_at": (now() + timedelta(days=8)).isoformat()}, "too_early"),
        (999, {"starts_at": (now() + timedelta(days=800)).isoformat()}, "too_late"),
    ]:
        assert outcome(leave(way.officer, deputy, days, **more)) == (422, code), (days, more)
    assert not rows(select(Absence.id))


def test_nobody_is_away_twice_nor_stood_in_for_by_who_is_away(way: Way, deputy: Person) -> None:
    third, street = way.people.staff("grid_officer", STREET), way.people.staff("grid_officer", STREET)
    body = {"deputy": deputy.account_id, "ends_at": (now() + timedelta(days=7)).isoformat()}
    first = way.officer.put("/v1/me/absence", body)
    assert way.officer.put("/v1/me/absence", body).get_json()["id"] == first.get_json()["id"], "said twice"
    assert outcome(leave(way.officer, third)) == (409, "absent_already")
    assert outcome(leave(deputy, third)) == (409, "stands_in")
    assert outcome(leave(third, street)) == (200, "")
    assert outcome(leave(street, third)) == (409, "deputy_away")
    after = {"starts_at": (now() + timedelta(days=8)).isoformat()}
    assert outcome(leave(deputy, third, 9, **after)) == (200, ""), "both are back by then"


def test_nobody_stands_in_for_more_than_a_few(way: Way, deputy: Person) -> None:
    many = [way.people.staff("grid_officer", way.cell) for _ in range(service.MOST + 1)]
    answers = [outcome(leave(each, deputy)) for each in many]
    assert answers == [(200, "")] * service.MOST + [(409, "deputy_busy")]
    assert len(deputy.get("/v1/me/absence").get_json()["stands_for"]) == service.MOST


def test_who_watches_over_them_puts_them_down_and_others_do_not(way: Way, deputy: Person) -> None:
    unit = catalogue.units(1, area="990101")["items"][0]
    handlers = [way.people.staff("handler", unit=str(unit["id"])) for _ in range(2)]
    pairs, ends = [(way.officer, deputy), (handlers[0], handlers[1])], (now() + timedelta(days=7)).isoformat()
    watchers = way.dispatcher, way.people.staff("supervisor", "9901")
    strangers = way.people.staff("supervisor", "990102"), way.people.staff("dispatcher", way.cell[:12])
    made = list[str]()
    for (absentee, stand_in), watcher in zip(pairs, watchers, strict=True):
        body = {"account": absentee.account_id, "deputy": stand_in.account_id, "ends_at": ends}
        reached = [who for who in strangers if not (absentee is way.officer and who is strangers[1])]
        for who in reached:
            assert outcome(who.post("/v1/absences", body)) == (422, "no_colleague")
        assert outcome(way.officer.post("/v1/absences", body)) == (403, "role_lacking")
        answer = watcher.post("/v1/absences", body)
        assert outcome(answer) == (201, "")
        assert outcome(watcher.post("/v1/absences", body)) == (409, "absent_already")
        made.append(answer.get_json()["id"])
    resident = {"account": way.author.account_id, "deputy": deputy.account_id, "ends_at": ends}
    assert outcome(way.dispatcher.post("/v1/absences", resident)) == (422, "no_colleague")
    shown = [[each["id"] for each in who.get("/v1/absences").get_json()["items"]] for who in (*watchers, *strangers)]
    assert [sorted(ids) for ids in shown] == [sorted(made), sorted(made), [], [made[0]]]
    for absence in made:
        assert outcome(strangers[0].delete(f"/v1/absences/{absence}")) == (404, "not_found")
        assert watchers[1].delete(f"/v1/absences/{absence}").status_code == 204
        assert outcome(watchers[1].delete(f"/v1/absences/{absence}")) == (404, "not_found")
    assert outcome(way.officer.delete("/v1/me/absence")) == (404, "not_found")


def test_the_list_and_the_row_ask_the_same_of_who_watches(way: Way, deputy: Person) -> None:
    leave(way.officer, deputy)
    for grant in (Grant(role, area) for role in queries.WATCHERS for area in ("", "9901", way.cell[:12], "990102")):
        who = way.people.staff_with(grant)
        seen = [each["id"] for each in who.get("/v1/absences").get_json()["items"]]
        assert bool(seen) == (grant.area != "990102"), grant


def test_nobody_verifies_what_they_or_the_absentee_did(way: Way) -> None:
    """Supervisors who handle too, as one may: each would see to the other's work."""
    both = [Grant("grid_officer", way.cell), Grant("supervisor", "990101")]
    absentee, deputy = (way.people.staff_with(*both) for _ in range(2))

    def given() -> str:
        submission = way.accepted()
        to = {"assignee": absentee.account_id}
        assert outcome(way.act(way.dispatcher, submission, "reassign", to=to, note="Yours.")) == (200, "")
        return submission

    def done(who: Person, submission: str) -> None:
        for name in ("accept", "start"):
            assert outcome(way.act(who, submission, name)) == (200, "")
        assert outcome(way.act(who, submission, "resolve", note=REPLY, photo_ids=[way.photo(who)])) == (200, "")

    before, during, moved_on = given(), given(), given()
    done(absentee, before)
    leave(absentee, deputy)
    done(deputy, during)
    assert outcome(way.act(deputy, moved_on, "accept")) == (200, "")
    way.act(way.dispatcher, moved_on, "reassign", to={"assignee": way.officer.account_id}, note="Theirs.")
    done(way.officer, moved_on)
    for submission in (before, during, moved_on):
        for who in (absentee, deputy):
            assert outcome(way.act(who, submission, "verify")) == (409, "own_work"), (submission, who is deputy)
    absentee.delete("/v1/me/absence")
    assert outcome(way.act(deputy, during, "verify")) == (409, "own_work")
    assert outcome(way.act(deputy, moved_on, "verify")) == (409, "own_work"), "they had it in hand once"
    assert outcome(way.act(deputy, before, "verify")) == (200, "")


def test_nobody_grants_the_time_that_they_asked_for_in_anothers_stead(way: Way) -> None:
    both = [Grant("grid_officer", STREET), Grant("supervisor", "990101")]
    deputy, held = way.people.staff_with(*both), way.started()
    leave(way.officer, deputy)
    due = rows(select(Case.due_at))[0].due_at
    asked = way.act(deputy, held, "extend", note="It rains.", due_at=(due + timedelta(hours=4)).isoformat())
    assert outcome(asked) == (200, "")
    assert outcome(way.act(deputy, held, "approve_extension", note="Well.")) == (409, "own_work")
    way.officer.delete("/v1/me/absence")
    assert outcome(way.act(deputy, held, "approve_extension", note="Well.")) == (409, "own_work")
    assert outcome(way.act(way.supervisor, held, "approve_extension", note="Well.")) == (200, "")


def test_nobody_handles_in_anothers_stead_what_they_have_handed_in(way: Way, deputy: Person) -> None:
    held = way.accepted(by=deputy)
    leave(way.officer, deputy)
    assert outcome(way.act(deputy, held, "accept")) == (409, "own_submission")
    assert outcome(way.act(way.officer, held, "accept")) == (200, "")


def offered(who: Person, case: str) -> list[bool]:
    """Whether a case may be accepted or sent back, as it says itself, in two lists, and on the round."""
    lists = [who.get(f"/v1/cases?view={view}").get_json()["items"] for view in ("mine", "area")]
    stops = who.get("/v1/cases/route?lat=28.2282&lon=112.9388&crs=wgs84").get_json()["items"]
    read = [who.get(f"/v1/cases/{case}").get_json()]
    read += [each for items in (*lists, [stop["case"] for stop in stops]) for each in items if each["id"] == case]
    return [{"accept", "object"} <= {*each["moves"]} for each in read]


def test_nor_is_that_offered_to_them(way: Way, deputy: Person) -> None:
    """What is another's is, beside it; and the absentee may do both."""
    own, others = way.case(way.accepted(by=deputy)), way.case(way.accepted())
    leave(way.officer, deputy)
    assert offered(deputy, own) == [False] * 4
    assert offered(deputy, others) == offered(way.officer, own) == [True] * 4


def test_nor_a_cohandlers_word_nor_a_promises(way: Way, deputy: Person) -> None:
    own, others = way.accepted(by=deputy), way.accepted()
    helper, day = way.people.staff("grid_officer", way.cell), (now() + timedelta(days=9)).isoformat()
    said = {"note": "A barrier against the hole is planned here for next week.", "answer_class": "B", "due_at": day}
    for submission in (own, others):
        to = {"assignee": helper.account_id}
        assert outcome(way.act(way.dispatcher, submission, "invite", to=to)) == (200, "")
        for name in ("accept", "start"):
            assert outcome(way.act(way.officer, submission, name)) == (200, "")
        assert outcome(way.act(way.officer, submission, "propose", **said)) == (200, "")
    leave(helper, deputy)
    read = [way.case(each) for each in (own, others)]
    for case, moves in zip(read, ([], ["countersign", "decline"]), strict=True):
        (shown,) = deputy.get(f"/v1/cases/{case}").get_json()["cohandlers"]
        assert shown["moves"] == moves
        signed = f"/v1/cases/{case}/cohandlers/{shown['id']}/moves"
        assert outcome(helper.post(signed, {"move": "countersign"})) == (200, "")
    leave(way.officer, deputy)
    for submission, moves in ((own, []), (others, ["postpone", "deliver"])):
        assert outcome(way.act(way.officer, submission, "resolve", **said)) == (200, "")
        for query in (f"submission_id={submission}", "mine=true"):
            listed = deputy.get(f"/v1/commitments?{query}").get_json()["items"]
            assert [each["moves"] for each in listed if each["submission_id"] == submission] == [moves]


def test_a_deputy_verifies_nothing_that_the_absentee_has_handed_in(way: Way) -> None:
    absentee, deputy = (way.people.staff("supervisor") for _ in range(2))
    held = way.resolved()
    with transaction():
        execute(update(Submission).values(author_id=absentee.account_id))
    leave(absentee, deputy)
    assert outcome(way.act(deputy, held, "verify")) == (409, "own_submission")


def test_what_is_sealed_a_deputy_sees_as_themselves(way: Way, deputy: Person) -> None:
    """Their own role has to reach it; that of whom they stand in for counts for nothing."""
    held, case = way.accepted(), {"kind": SEALED}
    leave(way.officer, deputy)
    with transaction():
        execute(update(Case).values(case))
    assert listed(deputy) == {}
    assert listed(way.officer) == {held: None}
    for path in ("", "/timeline"):
        assert outcome(deputy.get(f"/v1/cases/{way.case(held)}{path}")) == (404, "not_found")
    assert outcome(way.act(deputy, held, "accept")) == (404, "not_found")
    above = way.people.staff_with(Grant("grid_officer", STREET), Grant("supervisor", STREET))
    way.officer.delete("/v1/me/absence")
    leave(way.officer, above)
    assert listed(above) == {held: way.officer.account_id}
    assert outcome(way.act(above, held, "accept")) == (200, "")


def test_a_deputy_gives_a_cohandlers_word_but_not_to_their_own_text(way: Way, deputy: Person) -> None:
    joint, other = way.started(), way.started()
    cohandler = way.people.staff("grid_officer", way.cell)
    path = f"/v1/cases/{way.case(joint)}"
    for submission, who in ((joint, cohandler), (other, deputy)):
        assert outcome(way.act(way.dispatcher, submission, "invite", to={"assignee": who.account_id})) == (200, "")
    leave(cohandler, deputy)
    assert deputy.get(path).status_code == 200
    draft = {"note": REPLY, "answer_class": "C"}
    assert outcome(way.act(way.officer, joint, "propose", **draft)) == (200, "")
    assert listed(deputy) == {joint: cohandler.account_id}

    def sign(submission: str) -> tuple[int, str]:
        shown = way.dispatcher.get(f"/v1/cases/{way.case(submission)}").get_json()
        asked = f"/v1/cases/{way.case(submission)}/cohandlers/{shown['cohandlers'][0]['id']}/moves"
        return outcome(deputy.post(asked, {"move": "countersign"}))

    assert sign(joint) == (200, "")
    assert listed(deputy) == {}
    assert outcome(leave(way.officer, deputy)) == (200, "")
    assert outcome(way.act(deputy, other, "propose", **draft)) == (200, "")
    assert sign(other) == (409, "own_work")
    assert outcome(way.act(deputy, joint, "propose", **draft | {"note": f"{REPLY} All of it."})) == (200, "")
    assert sign(joint) == (403, "move_not_yours"), "who has it in one's stead gives no word in another's"


def test_a_deputy_keeps_what_the_absentee_has_promised(way: Way, deputy: Person) -> None:
    held = way.started()
    planned = {"answer_class": "B", "due_at": (now() + timedelta(days=20)).isoformat()}
    way.act(way.officer, held, "resolve", note="Two speed bumps are to be built here next month.", **planned)
    path = "/v1/commitments?mine=true"
    assert deputy.get(path).get_json()["items"] == []
    leave(way.officer, deputy)
    (promised,) = deputy.get(path).get_json()["items"]
    assert "deliver" in promised["moves"]
    moves = f"/v1/commitments/{promised['id']}/moves"
    shown = {"move": "deliver", "note": REPLY, "photo_ids": [way.photo(deputy)]}
    way.officer.delete("/v1/me/absence")
    assert outcome(deputy.post(moves, shown)) == (403, "move_not_yours")
    leave(way.officer, deputy)
    assert outcome(deputy.post(moves, shown)) == (200, "")
    step = rows(select(TimelineEntry.actor_id, TimelineEntry.instead_of).where(TimelineEntry.move == "deliver"))
    assert [tuple(row) for row in step] == [(deputy.account_id, way.officer.account_id)]


def test_of_two_absences_at_once_there_is_one(way: Way, deputy: Person) -> None:
    other = way.people.staff("grid_officer", STREET)
    answers = at_once(partial(leave, way.officer, deputy), partial(leave, way.officer, other))
    assert sorted(outcome(each) for each in answers) == [(200, ""), (409, "absent_already")]
    assert rows(select(func.count()).select_from(Absence))[0][0] == 1
    ends: list[Callable[[], TestResponse]] = [partial(way.officer.delete, "/v1/me/absence") for _ in range(2)]
    assert sorted(each.status_code for each in at_once(*ends)) == [204, 404]
    crossed = at_once(partial(leave, deputy, other), partial(leave, other, deputy))
    assert sorted(outcome(each)[0] for each in crossed) == [200, 409], "neither stands in for the other"
    way.work()
    assert heard(way.officer) == ["named", "ended"]


def test_of_deputy_and_absentee_at_once_one_makes_the_move(way: Way, deputy: Person) -> None:
    held = way.accepted()
    leave(way.officer, deputy)
    path = f"/v1/cases/{way.case(held)}/moves"
    for name in ("accept", "start"):
        moves = [partial(who.post, path, {"move": name}) for who in (way.officer, deputy)]
        assert sorted(each.status_code for each in at_once(*moves)) == [200, 409]
    steps = rows(select(TimelineEntry.move).where(TimelineEntry.subject_id == way.case(held)))
    assert sorted(row.move for row in steps) == ["accept", "dispatch", "file", "start"]


def test_what_is_found_out_at_the_door_is_looked_at_again(way: Way, deputy: Person) -> None:
    """They may be back between the look-up of who calls and the move."""
    held = way.accepted()
    grants = (Grant("grid_officer", STREET),)
    stale = Caller(deputy.account_id, grants=grants, stands_for=(str(way.officer.account_id),))
    with pytest.raises(Forbidden):
        move(stale, way.case(held), "accept", {})
