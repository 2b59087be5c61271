"""The journey of a case, as a table; level and holder are columns, but their changes are moves all the same."""

from typing import Any

from participate.kernel.clock import now
from participate.kernel.workflow import SYSTEM, Actor, Move, Workflow

ASSIGNEE, DISPATCHER, SUPERVISOR = "assignee", "dispatcher", "supervisor"
TOP_LEVEL = 4
MAX_EXTENSIONS = 2  # of what one level has to do

STAGES = {
    "filed": "triage",
    "dispatched": "decision",
    "objected": "triage",
    "accepted": "decision",
    "in_progress": "action",
    "paused": "action",
    "rework": "action",
    "resolved": "verification",
    "verified": "evaluation",
    "closed": "feedback",
    "cancelled": "feedback",
}
OPEN_STATES = tuple(state for state in STAGES if state not in {"closed", "cancelled"})
# Once it is verified, the submitter alone is waited for.
DUE_STATES = tuple(state for state in OPEN_STATES if state != "verified")


def _in(*states: str) -> frozenset[str]:
    return frozenset(states)


def _own_work(row: Any, actor: Actor) -> str | None:
    return "own_work" if actor.account_id in {row.resolved_by, row.assignee} else None


def _at_the_top(row: Any, _actor: Actor) -> str | None:
    return "top_level" if row.level >= TOP_LEVEL or row.area is None else None


def _was_designated(row: Any, _actor: Actor) -> str | None:
    return "designated" if row.objected else None


def _is_late(row: Any, _actor: Actor) -> str | None:
    return "overdue_already" if row.due_at <= now() else None


def _asks_too_much(row: Any, actor: Actor) -> str | None:
    if row.extension_until is not None:
        return "extension_asked"
    return "extended_enough" if row.extensions >= MAX_EXTENSIONS else _is_late(row, actor)


def _not_to_grant(row: Any, actor: Actor) -> str | None:
    if row.extension_until is None:
        return "no_extension"
    return "own_work" if ASSIGNEE in actor.roles else None


_BEFORE_ACTION = ("filed", "dispatched", "objected", "accepted")
_UNDONE = (*_BEFORE_ACTION, "in_progress", "paused", "rework")

FILE = Move("file", _in(), "filed", _in(SYSTEM), "filed", "An accepted submission needs action.", shown_to="public")

CASE = Workflow(
    "case",
    "filed",
    STAGES,
    (
        Move(
            "dispatch",
            _in("filed", "objected"),
            "dispatched",
            _in(SYSTEM, DISPATCHER),
            "dispatched",
            "It gets a holder: the officer of its cell by itself, else whom the dispatcher names.",
            needs=("to",),
            starts=("accept",),
            stops=("dispatch",),
        ),
        Move(
            "reassign",
            _in("dispatched", "accepted", "in_progress", "rework"),
            "dispatched",
            _in(DISPATCHER),
            "reassigned",
            "Another holder is better placed.",
            needs=("to", "note"),
            starts=("accept",),
            stops=("accept",),
        ),
        Move(
            "accept",
            _in("dispatched"),
            "accepted",
            _in(ASSIGNEE),
            "accepted",
            "The holder takes it on.",
            stops=("accept",),
        ),
        Move(
            "object",
            _in("dispatched"),
            "objected",
            _in(ASSIGNEE),
            "objected",
            "It is not the holder's; the dispatcher decides, and that stands.",
            needs=("note",),
            guard=_was_designated,
            shown_to="author",
            starts=("dispatch",),
            stops=("accept",),
        ),
        Move(
            "start",
            _in("accepted", "rework"),
            "in_progress",
            _in(ASSIGNEE),
            "started",
            "Work begins.",
        ),
        Move(
            "interim_reply",
            _in("accepted", "in_progress", "paused", "rework"),
            None,
            _in(ASSIGNEE),
            "interim_replied",
            "Word on how it stands; of all clocks it stops that of an urging alone.",
            needs=("note",),
            note_to="public",
            stops=("answer_urging",),
        ),
        Move(
            "pause",
            _in("in_progress"),
            "paused",
            _in(ASSIGNEE),
            "paused",
            "It waits for somebody else, until a day at most; so long its clock stands still.",
            needs=("note", "waits_for", "due_at"),
            guard=_is_late,
            note_to="author",
            starts=("resume",),
            stops=("resolve",),
        ),
        Move(
            "resume",
            _in("paused"),
            "in_progress",
            _in(ASSIGNEE, DISPATCHER, SUPERVISOR, SYSTEM),
            "resumed",
            "The wait is over; its clock goes on with what was left.",
            starts=("resolve",),
            stops=("resume",),
        ),
        Move(
            "extend",
            _in("accepted", "in_progress", "rework"),
            None,
            _in(ASSIGNEE),
            "extension_asked",
            "The holder asks for more time, once at a time.",
            needs=("note", "due_at"),
            guard=_asks_too_much,
            shown_to="desk",
        ),
        Move(
            "approve_extension",
            _in("accepted", "in_progress", "rework"),
            None,
            _in(DISPATCHER, SUPERVISOR),
            "extended",
            "Somebody else agrees that it takes longer.",
            needs=("note",),
            guard=_not_to_grant,
            note_to="public",
        ),
        Move(
            "refuse_extension",
            _in("accepted", "in_progress", "rework"),
            None,
            _in(DISPATCHER, SUPERVISOR),
            "extension_refused",
            "The time that there was must do.",
            needs=("note",),
            guard=_not_to_grant,
            shown_to="desk",
        ),
        Move(
            "urge",
            _in("accepted", "in_progress", "paused", "rework"),
            None,
            _in(SUPERVISOR),
            "urged",
            "Who watches over it wants an answer how it stands.",
            needs=("note",),
            starts=("answer_urging",),
        ),
        Move(
            "resolve",
            _in("in_progress"),
            "resolved",
            _in(ASSIGNEE),
            "resolved",
            "It is done: a final reply, with an after-photo where there was something to see.",
            needs=("note", "photo"),
            note_to="public",
            starts=("verify",),
            stops=("resolve", "answer_urging"),
        ),
        Move(
            "verify",
            _in("resolved"),
            "verified",
            _in(SUPERVISOR, DISPATCHER),
            "verified",
            "Someone who did not do the work has seen that it is done.",
            guard=_own_work,
            stops=("verify",),
        ),
        Move(
            "rework",
            _in("resolved"),
            "rework",
            _in(SUPERVISOR, DISPATCHER),
            "sent_to_rework",
            "It is not done well enough.",
            needs=("note",),
            guard=_own_work,
            starts=("resolve",),
            stops=("verify",),
        ),
        Move(
            "escalate",
            _in(*_UNDONE),
            "filed",
            _in(ASSIGNEE, DISPATCHER, SUPERVISOR, SYSTEM),
            "escalated",
            "The level above must carry what this one cannot.",
            needs=("note",),
            guard=_at_the_top,
            starts=("dispatch", "resolve"),
            stops=("accept", "dispatch", "resolve", "resume", "answer_urging"),
        ),
        Move(
            "pass_up",
            _in("resolved"),
            None,
            _in(SYSTEM),
            "passed_up",
            "Nobody has verified it in time; the level above sees to that.",
            guard=_at_the_top,
            shown_to="author",
            starts=("verify",),
            stops=("verify",),
        ),
        Move(
            "reopen",
            _in("verified", "closed"),
            "rework",
            _in(SYSTEM),
            "reopened",
            "The submitter says it is not resolved.",
            shown_to="desk",
            starts=("resolve",),
        ),
        Move(
            "close",
            _in("verified"),
            "closed",
            _in(SYSTEM),
            "closed",
            "The submitter has rated it, or let the time pass.",
        ),
        Move(
            "cancel",
            _in(*_BEFORE_ACTION),
            "cancelled",
            _in(SYSTEM),
            "cancelled",
            "The submitter has taken it back.",
            shown_to="desk",
            stops=("accept", "dispatch", "resolve"),
        ),
    ),
)

# What the submission does when its case moves.
FOLLOWS = {
    "dispatch": "assign",
    "start": "begin",
    "resolve": "hand_over",
    "rework": "send_back",
    "verify": "answer",
}
