"""Every move, tried in every state by every role, does what is written down here, and nothing else does."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import func, select

from participate.accounts.models import ROLES
from participate.cases.clues.workflow import CLUE
from participate.cases.cohandlers.workflow import COHANDLING
from participate.cases.commitments.workflow import COMMITMENT
from participate.cases.parts.workflow import PART
from participate.cases.rectifications.workflow import RECTIFICATION
from participate.cases.workflow import CASE
from participate.consultations.workflow import ROUND, STATEMENT
from participate.kernel.clock import now
from participate.kernel.db import rows, transaction
from participate.kernel.errors import Conflict, Forbidden, Invalid
from participate.kernel.ids import new_id
from participate.kernel.outbox import OutboxFact
from participate.kernel.workflow import THE_SYSTEM, Actor, TimelineEntry, Workflow, apply, refusal
from participate.submissions.unmasking.workflow import UNMASKING
from participate.submissions.workflow import SUBMISSION
from participate.updates.broadcasts.workflow import BROADCAST


class Agreed(NamedTuple):
    """From which states to which (or none: it stays) by whom, what must come along, and the desk that offers it."""

    sources: str
    target: str | None
    roles: str
    needs: str = ""
    desk: str = ""


# Written from what the city was promised, not from the tables; where they differ, one of the two is wrong.
SUBMISSION_MOVES = {
    "admit": Agreed("received", "in_moderation", "system"),
    "vouch": Agreed("received", "accepted", "system", desk="found"),
    "accept": Agreed("in_moderation", "accepted", "moderator", desk="moderation"),
    "return": Agreed("in_moderation", "returned", "moderator", "note", desk="moderation"),
    "reject": Agreed("in_moderation", "rejected", "moderator", "reason note", desk="moderation"),
    "merge": Agreed("in_moderation", "merged", "moderator", "target", desk="moderation"),
    "split": Agreed("merged", "in_moderation", "author", "note"),
    "release": Agreed("merged", "in_moderation", "system"),
    "amend": Agreed("in_moderation", None, "moderator", desk="moderation"),
    "redact": Agreed("in_moderation", None, "moderator", desk="moderation"),
    "hide_photo": Agreed("in_moderation", None, "moderator", "photo note", desk="moderation"),
    "hurry": Agreed("in_moderation", None, "moderator", desk="moderation"),
    "resubmit": Agreed("returned", "in_moderation", "author assistant"),
    "add_photos": Agreed("received in_moderation", None, "author assistant", "photo"),
    "appeal": Agreed("rejected", "in_moderation", "author assistant", "note"),
    "withdraw": Agreed(
        "received in_moderation returned rejected merged accepted assigned", "withdrawn", "author assistant"
    ),
    "assign": Agreed("accepted", "assigned", "system", desk="case"),
    "begin": Agreed("assigned", "in_progress", "system", desk="case"),
    "hand_over": Agreed("in_progress", "in_verification", "system", desk="case"),
    "send_back": Agreed("in_verification", "in_progress", "system", desk="case"),
    "answer": Agreed("in_verification", "answered", "system", desk="case"),
    "rate": Agreed("answered", "closed", "author assistant", "resolved satisfaction"),
    "reopen": Agreed("answered closed", "assigned", "author assistant cosigner", "note"),
    "dispute": Agreed("answered", "disputed", "author assistant", "note"),
    "settle": Agreed("accepted", "in_verification", "system", desk="case"),
    "stand": Agreed("in_verification answered", "closed", "system", desk="case"),
    "retry": Agreed("disputed", "assigned", "system", desk="case"),
    "uphold": Agreed("disputed", "closed", "system", desk="case"),
    "lapse": Agreed("answered", "closed", "system"),
    "open": Agreed("accepted", "open", "system", desk="case"),
    "conclude": Agreed("open", "concluded", "moderator", "note"),
    "close": Agreed("concluded", "closed", "moderator", "note"),
    "inform": Agreed(
        "received in_moderation accepted assigned in_progress in_verification disputed open concluded",
        None,
        "system",
        desk="silence",
    ),
}
_UNFILED = "received in_moderation returned accepted"
_ACTED_ON = "accepted assigned in_progress in_verification answered"
PROPOSAL_MOVES = {
    "invite": Agreed(_UNFILED, None, "proposer", "members"),
    "cosign": Agreed(_UNFILED, None, "invited"),
    "decline": Agreed(_UNFILED, None, "invited"),
    "unsign": Agreed(_UNFILED, None, "cosigner"),
    "file": Agreed("accepted", None, "moderator"),
    "shelve": Agreed("accepted", "rejected", "moderator", "note"),
    "mark": Agreed(f"{_ACTED_ON} closed", None, "moderator", "mark"),
    "talk": Agreed("answered closed", None, "moderator", "note"),
}
SUGGESTION_MOVES = {
    "adopt": Agreed("accepted assigned in_progress", None, "moderator member"),
    "report_progress": Agreed(_ACTED_ON, None, "adopter", "note"),
    "hand_back": Agreed(_ACTED_ON, None, "adopter", "note"),
    "convert": Agreed("accepted assigned in_progress", None, "moderator", "into"),
    "lead_on": Agreed(f"{_ACTED_ON} closed rejected", None, "system"),
}
SUBMISSION_MOVES["forget_documents"] = Agreed("closed withdrawn rejected merged", None, "system", desk="retention")
SUBMISSION_MOVES |= PROPOSAL_MOVES | SUGGESTION_MOVES
_TAKEN = "dispatched accepted in_progress rework"
CASE_MOVES = {
    "dispatch": Agreed("filed objected", "dispatched", "system dispatcher", "to"),
    "take": Agreed("filed", "accepted", "grid_officer"),
    "hand_over": Agreed("dispatched accepted in_progress rework", "dispatched", "assignee", "to note"),
    "reassign": Agreed("dispatched accepted in_progress rework", "dispatched", "dispatcher", "to note"),
    "accept": Agreed("dispatched", "accepted", "assignee"),
    "object": Agreed("dispatched", "objected", "assignee", "note"),
    "settle": Agreed("filed", "resolved", "grid_officer", "note photo", desk="found"),
    "let_stand": Agreed("resolved verified", "closed", "system"),
    "start": Agreed("accepted rework", "in_progress", "assignee"),
    "invite": Agreed("dispatched accepted in_progress paused rework", None, "dispatcher supervisor", "to"),
    "assign_down": Agreed(f"filed objected {_TAKEN}", "filed", "dispatcher supervisor", "to_area"),
    "take_back": Agreed(f"filed objected {_TAKEN}", "filed", "superior", "note"),
    "propose": Agreed("in_progress", None, "assignee", "note"),
    "make_safe": Agreed("accepted in_progress rework", None, "assignee", "note photo"),
    "interim_reply": Agreed("accepted in_progress paused rework", None, "assignee", "note"),
    "pause": Agreed("in_progress", "paused", "assignee", "note waits_for due_at"),
    "resume": Agreed("paused", "in_progress", "assignee dispatcher supervisor system"),
    "extend": Agreed("accepted in_progress rework", None, "assignee", "note due_at"),
    "approve_extension": Agreed("accepted in_progress rework", None, "dispatcher supervisor", "note"),
    "refuse_extension": Agreed("accepted in_progress rework", None, "dispatcher supervisor", "note"),
    "urge": Agreed("accepted in_progress paused rework", None, "supervisor supervising", "note"),
    "resolve": Agreed("in_progress", "resolved", "assignee", "note photo"),
    "verify": Agreed("resolved", "verified", "supervisor dispatcher"),
    "rework": Agreed("resolved", "rework", "supervisor dispatcher", "note"),
    "reclassify": Agreed("resolved", None, "supervisor dispatcher", "answer_class note"),
    "publish": Agreed("verified", None, "system", "note"),
    "escalate": Agreed(
        "filed dispatched objected accepted in_progress paused rework",
        "filed",
        "assignee dispatcher supervisor system",
        "note",
    ),
    "feedback": Agreed(
        "filed dispatched objected accepted in_progress paused rework", None, "assignee dispatcher supervisor", "note"
    ),
    "pass_up": Agreed("resolved", None, "system"),
    "reopen": Agreed("verified closed", "rework", "system"),
    "dispute": Agreed("verified", "disputed", "system"),
    "order_rework": Agreed("disputed", "rework", "supervisor", "note"),
    "uphold": Agreed("disputed", "closed", "supervisor", "note"),
    "remind": Agreed("disputed", None, "system"),
    "refer_up": Agreed("disputed", None, "system"),
    "close": Agreed("verified", "closed", "system"),
    "exclude": Agreed("closed", None, "supervisor", "note"),
    "include": Agreed("closed", None, "supervisor", "note"),
    "cancel": Agreed("filed dispatched objected accepted", "cancelled", "system"),
}
_UNDONE = f"filed objected paused {_TAKEN}"
CASE_MOVES |= {
    "divide": Agreed(_UNDONE, None, "assignee dispatcher supervisor", "title note"),
    "reopen_part": Agreed(_UNDONE, None, "assignee dispatcher supervisor", "part note"),
    "drop_part": Agreed(_UNDONE, None, "assignee dispatcher supervisor", "part note"),
}
# A part goes as a case does, but that the service alone takes it up again or cancels it, and nobody rates it.
PART_MOVES = {
    name: CASE_MOVES[name]
    for name in (
        *("dispatch", "take", "hand_over", "reassign", "accept", "object", "start", "invite", "assign_down"),
        *("take_back", "propose", "interim_reply", "pause", "resume", "extend", "approve_extension"),
        *("refuse_extension", "urge", "resolve", "rework", "escalate", "feedback", "pass_up"),
    )
}
PART_MOVES |= {
    "verify": Agreed("resolved", "closed", "supervisor dispatcher"),
    "reopen": Agreed("closed", "rework", "system"),
    "cancel": Agreed(f"{_UNDONE} resolved", "cancelled", "system"),
}
PART_STATES = "filed dispatched objected accepted in_progress paused rework resolved closed cancelled"
COMMITMENT_MOVES = {
    "postpone": Agreed("promised", None, "assignee", "note due_at"),
    "hand_on": Agreed("promised overdue", None, "dispatcher supervisor", "to note"),
    "miss": Agreed("promised", "overdue", "system"),
    "deliver": Agreed("promised overdue", "kept", "assignee", "note photo"),
    "supersede": Agreed("promised overdue", "superseded", "system"),
}
COHANDLER_STATES = "named asked declined late countersigned released"
COHANDLER_MOVES = {
    "ask": Agreed("named asked declined late countersigned", "asked", "system"),
    "countersign": Agreed("asked declined late", "countersigned", "cohandler"),
    "decline": Agreed("asked late", "declined", "cohandler", "note"),
    "miss": Agreed("asked", "late", "system"),
    "recall": Agreed("asked declined late countersigned", "named", "system"),
    "release": Agreed("named asked declined late countersigned", "released", "dispatcher supervisor system", "note"),
}
SUBMISSION_STATES = (
    "received in_moderation returned rejected merged accepted assigned in_progress open in_verification answered "
    "disputed concluded closed withdrawn"
)
CASE_STATES = "filed dispatched objected accepted in_progress paused rework resolved verified disputed closed cancelled"
BROADCAST_MOVES = {
    "release": Agreed("waiting", "sending", "system"),
    "consent": Agreed("waiting", "sending", "dispatcher supervisor"),
    "refuse": Agreed("waiting", "refused", "dispatcher supervisor", "note"),
    "stop": Agreed("sending sent", "stopped", "dispatcher supervisor", "note"),
    "finish": Agreed("sending", "sent", "system"),
}
RECTIFICATION_MOVES = {
    "plan": Agreed("issued", "planned", "watched", "note due_at"),
    "report": Agreed("planned", "done", "watched", "note"),
    "confirm": Agreed("done", "rectified", "supervisor", "note"),
    "send_back": Agreed("done", "issued", "supervisor", "note"),
    "find_unmet": Agreed("issued planned done", "unmet", "supervisor", "note"),
    "miss": Agreed("issued planned done", None, "system"),
}
CLUE_MOVES = {
    "take_up": Agreed("waiting", "taken_up", "supervisor", "note"),
    "dismiss": Agreed("waiting", "dismissed", "supervisor", "note"),
}
UNMASKING_MOVES = {
    "consent": Agreed("asked", "granted", "moderator supervisor auditor", "note"),
    "refuse": Agreed("asked", "refused", "moderator supervisor auditor", "note"),
    "lapse": Agreed("asked", "lapsed", "system"),
}
STATEMENT_MOVES = {
    "show": Agreed("waiting refused", "shown", "moderator"),
    "refuse": Agreed("waiting shown", "refused", "moderator", "note"),
}
ROUND_MOVES = {
    "revise": Agreed("planned", None, "moderator"),
    "drop": Agreed("planned", "dropped", "moderator system"),
    "announce": Agreed("planned", "announced", "system"),
    "change": Agreed("announced open", None, "moderator", "note"),
    "cancel": Agreed("announced", "cancelled", "moderator", "note"),
    "open": Agreed("announced", "open", "system"),
    "end": Agreed("open", "over", "system"),
    "lapse": Agreed("announced open", "over", "system"),
}
FLOWS = [
    pytest.param(SUBMISSION, SUBMISSION_MOVES, SUBMISSION_STATES, id="submission"),
    pytest.param(CASE, CASE_MOVES, CASE_STATES, id="case"),
    pytest.param(PART, PART_MOVES, PART_STATES, id="part"),
    pytest.param(COMMITMENT, COMMITMENT_MOVES, "promised overdue kept superseded", id="commitment"),
    pytest.param(COHANDLING, COHANDLER_MOVES, COHANDLER_STATES, id="cohandler"),
    pytest.param(RECTIFICATION, RECTIFICATION_MOVES, "issued planned done rectified unmet", id="rectification"),
    pytest.param(CLUE, CLUE_MOVES, "waiting taken_up dismissed", id="clue"),
    pytest.param(UNMASKING, UNMASKING_MOVES, "asked granted refused lapsed", id="unmasking"),
    pytest.param(STATEMENT, STATEMENT_MOVES, "waiting shown refused", id="statement"),
    pytest.param(ROUND, ROUND_MOVES, "planned announced open over cancelled dropped", id="round"),
    pytest.param(BROADCAST, BROADCAST_MOVES, "waiting sending sent refused stopped", id="broadcast"),
]
EVERYBODY = (*ROLES, "author", "assignee", "cohandler", "superior", "supervising", "system", "assistant", "watched")
EVERYBODY += ("proposer", "invited", "cosigner", "adopter")
# What comes with a move; the note travels beside it.
GIVEN = {
    "reason",
    "resolved",
    "satisfaction",
    "to",
    "to_area",
    "photo",
    "target",
    "due_at",
    "waits_for",
    "title",
    "part",
    "members",
    "mark",
    "into",
    "answer_class",
}
SOMEBODY, SOMEBODY_ELSE = new_id(), new_id()
HOUR = timedelta(hours=1)


def _row(state: str, **more: Any) -> SimpleNamespace:
    """A row that no guard forbids anything: another's, fresh, on the lowest level."""
    made = {"id": new_id(), "thread_id": new_id(), "state": state, "version": 1, "kind": "snap_report"}
    made |= {"author_id": SOMEBODY_ELSE, "appeals": 0, "reopenings": 0}
    made |= {"assignee": SOMEBODY_ELSE, "resolved_by": None, "level": 1, "area": "990101001001001"}
    made |= {"objected": False, "designated": False, "due_at": now() + HOUR, "extension_until": None, "extensions": 0}
    made |= {"postponed": 0, "cohandlers": 0, "unsigned": 0, "draft": None, "answer": None, "make_safe_due_at": None}
    made |= {
        "feedback_due_at": None,
        "parts": 0,
        "parts_open": 0,
        "parts_done": 0,
        "source": "resident",
        "helped_by": None,
        "found": False,
        "sampled": None,
        "excluded": False,
        "flags": [],
        "filed_as": None,
        "cosign_until": None,
        "adopted_by": None,
        "asked_by": SOMEBODY_ELSE,
        "written_by": SOMEBODY_ELSE,
        "late": True,
        "sent_back": 0,
    }
    return SimpleNamespace(**made | more)


def _fitting(move: str) -> dict[str, Any]:
    """What a row must be for a move: a consultation opens, nothing else does; what was asked for is decided on."""
    if move.endswith("_extension"):
        return {"extension_until": now() + 2 * HOUR}
    if move == "make_safe":
        return {"make_safe_due_at": now() + HOUR}
    if move == "feedback":
        return {"feedback_due_at": now() + HOUR}
    if move == "remind":
        return {"level": 4, "area": "9901"}
    if move == "assign_down":
        return {"level": 2, "area": "990101001"}
    if move in {"settle", "let_stand"}:
        return {"found": True, "sampled": False}
    if move in {"reopen_part", "drop_part"}:
        return {"parts": 2, "parts_open": 1, "parts_done": 1}
    if move == "include":
        return {"excluded": True}
    if move in PROPOSAL_MOVES:
        filed = {"filed_as": "2026-0001", "reopenings": 2} if move in {"mark", "talk"} else {}
        return {"kind": "micro_proposal"} | filed
    if move == "reclassify":
        return {"kind": "micro_proposal"}
    if move == "publish":
        return {"answer": {"note": "Built."}}
    if move in SUGGESTION_MOVES:
        return {"kind": "micro_suggestion"}
    if move == "propose":
        return {"cohandlers": 1}
    return {"open": {"kind": "micro_consultation"}, "dispute": {"reopenings": 2}}.get(move, {})


def _combinations(states: str, moves: dict[str, Agreed]) -> Iterator[tuple[str, str, str]]:
    for state in states.split():
        for move in moves:
            for role in EVERYBODY:
                yield state, move, role


def _allowed(agreed: Agreed, state: str, role: str) -> bool:
    return state in agreed.sources.split() and role in agreed.roles.split()


@pytest.mark.parametrize(("flow", "moves", "states"), FLOWS)
def test_the_tables_name_what_was_agreed(flow: Workflow, moves: dict[str, Agreed], states: str) -> None:
    assert set(flow.by_name) == set(moves)
    assert len(flow.by_name) == len(flow.moves), "two moves of one name"
    assert set(flow.states) == set(states.split())
    assert {role for move in flow.moves for role in move.roles} <= set(EVERYBODY)


@pytest.mark.parametrize(("flow", "moves", "states"), FLOWS)
def test_a_move_is_offered_to_those_and_then_only(flow: Workflow, moves: dict[str, Agreed], states: str) -> None:
    for state, move, role in _combinations(states, moves):
        row, actor, agreed = _row(state, **_fitting(move)), Actor.of(SOMEBODY, role), moves[move]
        for desk in ("", "moderation", "case", "found"):
            expected = _allowed(agreed, state, role) and agreed.desk == desk
            assert (move in flow.offered(row, actor, desk)) == expected, f"{role}, {state}, {move} at {desk!r}"


@pytest.mark.parametrize(("flow", "moves", "states"), FLOWS)
def test_a_move_is_made_by_those_and_then_only(
    app: Flask, flow: Workflow, moves: dict[str, Agreed], states: str
) -> None:
    """`apply` itself: what is allowed changes the state and leaves a step and a fact; all else leaves nothing."""
    made = 0
    with transaction():
        for state, move, role in _combinations(states, moves):
            row, agreed = _row(state, **_fitting(move)), moves[move]
            if _allowed(agreed, state, role):
                apply(flow, row, move, Actor.of(SOMEBODY, role), note="Why.", given=GIVEN)
                assert (row.state, row.version) == (agreed.target or state, 2)
                made += 1
                continue
            expected = Conflict if role in agreed.roles.split() else Forbidden
            with pytest.raises(expected):
                apply(flow, row, move, Actor.of(SOMEBODY, role), note="Why.", given=GIVEN)
            assert (row.state, row.version) == (state, 1)
    assert made >= len(moves)
    for held in (TimelineEntry, OutboxFact):
        assert rows(select(func.count()).select_from(held))[0][0] == made


@pytest.mark.parametrize(("flow", "moves", "states"), FLOWS)
def test_a_move_that_lacks_something_is_not_made(
    app: Flask, flow: Workflow, moves: dict[str, Agreed], states: str
) -> None:
    for move, agreed in moves.items():
        row = _row(agreed.sources.split()[0], **_fitting(move))
        actor, needs = Actor.of(SOMEBODY, agreed.roles.split()[0]), set(agreed.needs.split())
        if not needs:
            assert not flow.by_name[move].needs
            continue
        with pytest.raises(Invalid) as refused, transaction():
            apply(flow, row, move, actor, note="   ")
        named = {
            fault.field.replace("photo_ids", "photo").replace("merge_into", "target") for fault in refused.value.faults
        }
        assert named == needs, move
        assert row.version == 1


def _refused(flow: Workflow, move: str, row: Any, actor: Actor) -> str | None:
    return refusal(flow.by_name[move], row, actor)


@pytest.mark.parametrize("move", ["accept", "return", "reject"])
def test_nobody_decides_on_their_own_submission(move: str) -> None:
    row = _row("in_moderation", author_id=SOMEBODY)
    assert _refused(SUBMISSION, move, row, Actor.of(SOMEBODY, "moderator", "author")) == "own_submission"
    assert _refused(SUBMISSION, move, row, Actor.of(SOMEBODY_ELSE, "moderator")) is None


def test_there_is_one_appeal() -> None:
    author = Actor.of(SOMEBODY, "author")
    assert _refused(SUBMISSION, "appeal", _row("rejected", appeals=1), author) == "appealed_already"


@pytest.mark.parametrize("state", ["answered", "closed"])
def test_there_are_two_reopenings_and_none_of_a_consultation(state: str) -> None:
    author = Actor.of(SOMEBODY, "author")
    assert _refused(SUBMISSION, "reopen", _row(state, reopenings=2), author) == "reopened_already"
    assert _refused(SUBMISSION, "reopen", _row(state, reopenings=1), author) is None
    assert _refused(SUBMISSION, "reopen", _row(state, kind="micro_consultation"), author) is not None


def test_only_a_consultation_opens() -> None:
    assert _refused(SUBMISSION, "open", _row("accepted"), Actor.of(None, "system")) == "wrong_kind"


@pytest.mark.parametrize(
    ("move", "state", "roles"),
    [
        ("verify", "resolved", ("supervisor", "dispatcher")),
        ("rework", "resolved", ("supervisor", "dispatcher")),
        ("order_rework", "disputed", ("supervisor",)),
        ("uphold", "disputed", ("supervisor",)),
    ],
)
@pytest.mark.parametrize("did", ["resolved_by", "assignee"])
def test_nobody_judges_their_own_work(move: str, state: str, roles: tuple[str, ...], did: str) -> None:
    row = _row(state, **{did: SOMEBODY})
    for role in roles:
        assert _refused(CASE, move, row, Actor.of(SOMEBODY, role)) == "own_work"
        assert _refused(CASE, move, row, Actor.of(new_id(), role)) is None


@pytest.mark.parametrize("top", [{"level": 4}, {"area": None}])
def test_nothing_is_escalated_beyond_the_top(top: dict[str, Any]) -> None:
    assert _refused(CASE, "pass_up", _row("resolved", **top), THE_SYSTEM) == "top_level"
    for role in ("assignee", "dispatcher", "supervisor", "system"):
        assert _refused(CASE, "escalate", _row("accepted", **top), Actor.of(SOMEBODY, role)) == "top_level"
        assert _refused(CASE, "escalate", _row("accepted", level=3), Actor.of(SOMEBODY, role)) is None


def test_nothing_is_sent_below_the_lowest_level_and_nothing_late_goes_down_or_back() -> None:
    superior, late = Actor.of(SOMEBODY, "dispatcher", "superior"), {"due_at": now() - HOUR}
    for bottom in ({"level": 1}, {"level": 3, "area": None}):
        assert _refused(CASE, "assign_down", _row("filed", **bottom), superior) == "bottom_level"
    assert _refused(CASE, "assign_down", _row("filed", level=2, **late), superior) == "overdue_already"
    assert _refused(CASE, "take_back", _row("filed", **late), superior) == "overdue_already"


def test_more_time_is_asked_for_once_at_a_time_before_it_is_over_and_granted_by_others() -> None:
    holder, other = Actor.of(SOMEBODY, "assignee"), Actor.of(SOMEBODY, "dispatcher")
    for more, why in (
        ({"extension_until": now() + HOUR}, "extension_asked"),
        ({"extensions": 2}, "extended_enough"),
        ({"due_at": now() - HOUR}, "overdue_already"),
    ):
        assert _refused(CASE, "extend", _row("in_progress", **more), holder) == why
    assert _refused(CASE, "pause", _row("in_progress", due_at=now() - HOUR), holder) == "overdue_already"
    for move in ("approve_extension", "refuse_extension"):
        assert _refused(CASE, move, _row("in_progress"), other) == "no_extension"
        both = Actor.of(SOMEBODY, "assignee", "dispatcher")
        assert _refused(CASE, move, _row("in_progress", **_fitting(move)), both) == "own_work"


def test_what_the_dispatcher_has_decided_is_not_objected_to_again() -> None:
    row = _row("dispatched", objected=True, designated=True)
    assert _refused(CASE, "object", row, Actor.of(SOMEBODY, "assignee")) == "designated"
