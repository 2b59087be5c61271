"""Who has a case: dispatched, taken, handed over, accepted, or not theirs."""

from participate.cases import guards
from participate.cases.guards import ASSIGNEE, DISPATCHER, OFFICER
from participate.kernel.workflow import SYSTEM, Move, among

PLACING = (
    Move(
        "dispatch",
        among("filed", "objected"),
        "dispatched",
        among(SYSTEM, DISPATCHER),
        "dispatched",
        "It gets a holder: the officer of its cell by itself, else whom the dispatcher names.",
        needs=("to",),
        starts=("accept",),
        stops=("dispatch",),
    ),
    Move(
        "take",
        among("filed"),
        "accepted",
        among(OFFICER),
        "taken",
        "An officer of the place takes what has no holder yet.",
        stops=("dispatch",),
    ),
    Move(
        "reassign",
        among("dispatched", "accepted", "in_progress", "rework"),
        "dispatched",
        among(DISPATCHER),
        "reassigned",
        "Another holder is better placed.",
        needs=("to", "note"),
        starts=("accept",),
        stops=("accept",),
    ),
    Move(
        "hand_over",
        among("dispatched", "accepted", "in_progress", "rework"),
        "dispatched",
        among(ASSIGNEE),
        "handed_over",
        "The holder gives it to a colleague, who has to take it on.",
        needs=("to", "note"),
        starts=("accept",),
        stops=("accept",),
    ),
    Move(
        "accept",
        among("dispatched"),
        "accepted",
        among(ASSIGNEE),
        "accepted",
        "The holder takes it on.",
        stops=("accept",),
    ),
    Move(
        "object",
        among("dispatched"),
        "objected",
        among(ASSIGNEE),
        "objected",
        "It is not the holder's; the dispatcher decides, and that stands.",
        needs=("note",),
        guard=guards.was_designated,
        shown_to="author",
        starts=("dispatch",),
        stops=("accept",),
    ),
)
