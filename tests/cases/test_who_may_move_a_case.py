"""State by state, what each may do over HTTP; whatever else they try is refused and changes nothing."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from participate.cases import queries, service
from participate.cases.parts.workflow import PART
from participate.cases.schemas import OFFERED
from participate.cases.workflow import CASE
from participate.catalogue import queries as catalogue
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import execute, transaction
from participate.kernel.errors import Missing
from participate.kernel.ids import new_id
from participate.submissions.models import Submission
from tests.people import Person
from tests.steps import HERE, Way, code_of

# Written down apart from the table: what is offered to officer, dispatcher, supervisor and auditor.
ALLOWED: dict[str, tuple[list[str], list[str], list[str]]] = {
    "filed": ([], ["dispatch", "take_back", "divide", "escalate"], ["take_back", "divide", "escalate"]),
    "dispatched": (
        ["hand_over", "accept", "object", "divide", "escalate"],
        ["reassign", "invite", "take_back", "divide", "escalate"],
        ["invite", "take_back", "divide", "escalate"],
    ),
    "objected": (
        ["divide", "escalate"],
        ["dispatch", "take_back", "divide", "escalate"],
        ["take_back", "divide", "escalate"],
    ),
    "accepted": (
        ["hand_over", "start", "interim_reply", "extend", "divide", "escalate"],
        ["reassign", "invite", "take_back", "divide", "escalate"],
        ["invite", "take_back", "urge", "divide", "escalate"],
    ),
    "in_progress": (
        ["hand_over", "interim_reply", "pause", "extend", "resolve", "divide", "escalate"],
        ["reassign", "invite", "take_back", "divide", "escalate"],
        ["invite", "take_back", "urge", "divide", "escalate"],
    ),
    "paused": (
        ["interim_reply", "resume", "divide", "escalate"],
        ["invite", "resume", "divide", "escalate"],
        ["invite", "resume", "urge", "divide", "escalate"],
    ),
    "resolved": ([], ["verify", "rework"], ["verify", "rework"]),
    "rework": (
        ["hand_over", "start", "interim_reply", "extend", "divide", "escalate"],
        ["reassign", "invite", "take_back", "divide", "escalate"],
        ["invite", "take_back", "urge", "divide", "escalate"],
    ),
    "verified": ([], [], []),
    "disputed": ([], [], ["order_rework", "uphold"]),
    "closed": ([], [], ["exclude"]),
    "cancelled": ([], [], []),
}

REFUSED = {(403, "move_not_yours"), (409, "wrong_state"), (409, "no_extension"), (409, "no_feedback_due")}
REFUSED |= {
    (409, "no_part_open"),
    (409, "no_part_done"),
    (409, "no_cohandlers"),
    (409, "no_danger"),
    (409, "wrong_kind"),
    (409, "not_excluded"),
    (409, "bottom_level"),
    (409, "filed_by_officer"),
}


def reach(way: Way, state: str) -> str:
    """A submission whose case is in `state`."""
    if state == "filed":
        return way.accepted(place=HERE | {"lat": HERE["lat"] + 0.01})
    if state in {"dispatched", "objected", "accepted", "cancelled"}:
        submission = way.accepted()
        if state == "cancelled":
            way.move(way.author, submission, "withdraw")
        elif state != "dispatched":
            way.act(way.officer, submission, "object" if state == "objected" else "accept", note="Well.")
        return submission
    if state in {"in_progress", "paused"}:
        submission = way.started()
        if state == "paused":
            way.pause(submission, timedelta(days=5))
        return submission
    submission = way.answered() if state in {"verified", "closed"} else way.resolved()
    if state == "rework":
        way.act(way.supervisor, submission, "rework", note="Again.")
    if state == "closed":
        way.move(way.author, submission, "rate", resolved=True, satisfaction=4)
    if state == "disputed":
        way.act(way.people.staff("supervisor"), submission, "verify")  # Who does not decide about that.
        with transaction():
            execute(update(Submission).values(reopenings=2))
        way.move(way.author, submission, "dispute", note="It is still there.")
    return submission


def tried(who: Person, path: str, allowed: list[str], unknown: Collection[str] = ()) -> None:
    """Try every other move, with all that it could need; those that are `unknown` are nobody's at all."""
    body: dict[str, Any] = {"note": "Because.", "photo_ids": [], "to": {"assignee": who.account_id}}
    body |= {"title": "A part", "part": new_id()}
    body |= {"waits_for": "weather", "due_at": (now() + timedelta(days=9)).isoformat()}
    for name in OFFERED:
        if name not in allowed:
            answer = who.post(f"{path}/moves", {"move": name} | body)
            refused = {(422, "invalid")} if name in unknown else REFUSED
            assert code_of(answer) in refused, (name, answer.get_json())


def hidden_from_others(way: Way, case: str) -> None:
    """To every role in another scope it is not there: not by a move, whichever it be, nor to be read."""
    unit = str(catalogue.units(1)["items"][0]["id"])
    elsewhere = [Grant(role, area) for role in queries.ROLES for area in ("990102", f"{way.cell[:12]}999")]
    for grant in (*elsewhere, Grant("handler", None, unit), Grant("moderator", "990101"), Grant("resident", "")):
        caller = Caller(new_id(), grants=(grant,))
        with pytest.raises(Missing):
            queries.case(caller, case)
        for name in OFFERED:
            with pytest.raises(Missing):
                service.move(caller, case, name, {"note": "Because."})


@pytest.mark.parametrize("state", ALLOWED)
def test_what_is_offered_is_all_that_can_be_done(way: Way, state: str) -> None:
    submission = reach(way, state)
    path = f"/v1/cases/{way.case(submission)}"
    auditor = way.people.staff("auditor")
    before = auditor.get(path).get_json()
    assert before["state"] == state
    roles = (way.officer, way.dispatcher, way.supervisor, auditor)
    for who, allowed in zip(roles, (*ALLOWED[state], []), strict=True):
        if who is way.officer and state == "filed":
            assert who.get(path).status_code == 404
            continue
        assert who.get(path).get_json()["moves"] == allowed
        tried(who, path, allowed)
    hidden_from_others(way, way.case(submission))
    assert auditor.get(path).get_json() == before


# Of what its finder has mended on the spot: the same, but that nobody has rated it.
FOUND = {"resolved": ALLOWED["resolved"], "rework": ALLOWED["rework"], "closed": ([], [], [])}


def test_what_is_offered_of_what_an_officer_has_found(way: Way) -> None:
    auditor = way.people.staff("auditor")
    for state, (officer, *others) in FOUND.items():
        case = way.mended(way.officer)
        path = f"/v1/cases/{case['id']}"
        steps = {"resolved": "", "rework": "rework", "closed": "verify"}
        if steps[state]:
            made = way.supervisor.post(f"{path}/moves", {"move": steps[state], "note": "Some is left."})
            assert made.status_code == 200, made.get_json()
        before = auditor.get(path).get_json()
        assert before["state"] == state
        people = (way.officer, way.dispatcher, way.supervisor, auditor)
        for who, allowed in zip(people, (officer, *others, []), strict=True):
            assert who.get(path).get_json()["moves"] == allowed
            tried(who, path, allowed)
        if state == "resolved":
            hidden_from_others(way, case["id"])
        assert auditor.get(path).get_json() == before


# Of a part: the same, but that it is not divided and nobody rates it; an officer of the place takes what is nobody's.
PART_ALLOWED = {
    state: tuple([move for move in moves if move != "divide"] for moves in by_role)
    for state, by_role in ALLOWED.items()
    if state not in {"verified", "disputed"}
}
PART_ALLOWED |= {"filed": (["take"], *PART_ALLOWED["filed"][1:]), "closed": ([], [], [])}
OF_THE_LEAD = {"make_safe", "divide", "reopen_part", "drop_part", "reclassify", "order_rework", "uphold"}
OF_THE_LEAD |= {"exclude", "include"}
# How a part comes from state to state: who moves the part, and who its lead.
PART_WAY: tuple[tuple[str, str, str], ...] = (
    *(("dispatcher", "dispatch", "dispatched"), ("holder", "object", "objected"), ("dispatcher", "dispatch", "")),
    *(("holder", "accept", "accepted"), ("holder", "start", "in_progress"), ("holder", "pause", "paused")),
    *(("holder", "resume", ""), ("holder", "resolve", "resolved"), ("supervisor", "rework", "rework")),
    *(("holder", "start", ""), ("holder", "resolve", ""), ("supervisor", "verify", "closed")),
    *(("lead", "reopen_part", ""), ("lead", "drop_part", "cancelled")),
)


def test_what_is_offered_of_a_part(way: Way) -> None:
    holder, auditor = way.people.staff("grid_officer", way.cell), way.people.staff("auditor")
    submission = way.accepted("micro_service")
    way.act(way.officer, submission, "accept")
    lead = f"/v1/cases/{way.case(submission)}"
    area = auditor.get(lead).get_json()["area"]
    made = way.dispatcher.post(f"{lead}/moves", {"move": "divide", "note": "Why.", "title": "It", "to_area": area})
    assert made.status_code == 200
    part = auditor.get(lead).get_json()["parts"][0]["id"]
    path, people = f"/v1/cases/{part}", {"holder": holder, "dispatcher": way.dispatcher, "supervisor": way.supervisor}
    looked_at = [offered_of_a_part(way, path, people, auditor)]
    for who, name, state in PART_WAY:
        body: dict[str, Any] = {"move": name, "note": "The old sofa was collected this morning.", "part": part}
        body |= {"to": {"assignee": holder.account_id}, "waits_for": "weather"}
        body |= {"due_at": (now() + timedelta(days=2)).isoformat()}
        moved = people[who].post(f"{path}/moves", body) if who != "lead" else way.officer.post(f"{lead}/moves", body)
        assert moved.status_code == 200, (name, moved.get_json())
        if state:
            looked_at.append(offered_of_a_part(way, path, people, auditor))
            assert looked_at[-1] == state
    assert set(looked_at) == set(PART.states) == set(PART_ALLOWED)
    hidden_from_others(way, part)


def offered_of_a_part(way: Way, path: str, people: dict[str, Person], auditor: Person) -> str:
    """In its present state; returns which that is."""
    before = auditor.get(path).get_json()
    state = str(before["state"])
    # Who leads sees it, and does to it what anybody may do there.
    leads = (way.officer, ["take"] if state == "filed" else [])
    everybody = [*zip(people.values(), PART_ALLOWED[state], strict=True), leads, (auditor, [])]
    for who, allowed in everybody:
        assert who.get(path).get_json()["moves"] == allowed, (state, allowed)
    # In each state another of them tries all that is left: the table itself is held against every role elsewhere.
    who, allowed = everybody[before["version"] % len(everybody)]
    tried(who, path, allowed, OF_THE_LEAD)
    assert auditor.get(path).get_json() == before
    return state


def test_every_state_is_looked_at() -> None:
    assert set(ALLOWED) == set(CASE.states)


@pytest.mark.parametrize("name", ["close", "cancel", "reopen", "file", "settle", "let_stand", "vanish"])
def test_what_the_service_does_itself_is_no_one_s_move(way: Way, name: str) -> None:
    path = f"/v1/cases/{way.case(way.answered())}/moves"
    for who in (way.officer, way.dispatcher, way.supervisor):
        assert code_of(who.post(path, {"move": name, "note": "Because."})) == (422, "invalid")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"note": ""}, "note"),
        ({"note": "x" * 2001}, "note"),
        ({"photo_ids": "x"}, "photo_ids"),
        ({"to": {"account": "x"}}, "to.account"),
        ({"answer_class": "E"}, "answer_class"),
        ({"due_at": "tomorrow"}, "due_at"),
        ({"waits_for": "Godot"}, "waits_for"),
        ({"state": "closed"}, "state"),
        ({"move": None}, "move"),
    ],
)
def test_a_body_of_another_shape_is_refused(way: Way, changes: dict[str, Any], field: str) -> None:
    path = f"/v1/cases/{way.case(way.accepted())}/moves"
    answer = way.officer.post(path, {"move": "accept"} | changes)
    assert code_of(answer) == (422, "invalid")
    assert answer.get_json()["errors"][0]["field"] == field
