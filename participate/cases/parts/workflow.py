"""The journey of a part, as a table: that of a case, but the desks' alone, and over once it is verified."""

from dataclasses import replace
from typing import Any

from participate.cases.guards import ASSIGNEE, DISPATCHER, SUPERVISOR
from participate.cases.workflow import CASE, STAGES
from participate.kernel.workflow import SYSTEM, Move, Workflow, among

_NEVER = {"verified", "disputed"}  # There is nothing to be rated.
OPEN_STATES = tuple(state for state in STAGES if state not in {*_NEVER, "closed", "cancelled"})
# What is for the lead alone: the danger, what an officer has found, the submitter's word on it, and the parts.
_OF_THE_LEAD = {"make_safe", "settle", "let_stand", "reopen", "dispute", "order_rework", "uphold", "refer_up", "remind"}
_OF_THE_LEAD |= {"reclassify", "publish", "close", "exclude", "include", "cancel", "divide", "reopen_part", "drop_part"}

ENTRUST = Move(
    "entrust",
    among(),
    "filed",
    among(ASSIGNEE, DISPATCHER, SUPERVISOR),
    "entrusted",
    "A part of a case is others' to do.",
    shown_to="desk",
)


def _of_a_part(move: Move) -> Move:
    """The move of a case as a part makes it: of its steps the submitter hears that it is done, and no more."""
    if move.name == "verify":
        return replace(move, target="closed")
    return replace(move, shown_to="desk", note_to="desk")


_KEPT = tuple(_of_a_part(move) for move in CASE.moves if move.name not in _OF_THE_LEAD)

PART = Workflow(
    "part",
    "filed",
    {state: stage for state, stage in STAGES.items() if state not in _NEVER},
    (
        *_KEPT,
        Move(
            "reopen",
            among("closed"),
            "rework",
            among(SYSTEM),
            "reopened",
            "The lead's desk says that it has to be done again.",
            shown_to="desk",
            starts=("resolve",),
        ),
        Move(
            "cancel",
            among(*OPEN_STATES),
            "cancelled",
            among(SYSTEM),
            "cancelled",
            "The lead is over, or can do without it.",
            shown_to="desk",
            stops=("accept", "dispatch", "resolve", "verify", "resume", "answer_urging", "warn", "feedback"),
        ),
    ),
)


def flow_of(case: Any) -> Workflow:
    """The table that a case goes by."""
    return CASE if case.part_of is None else PART
