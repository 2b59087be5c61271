"""The life of a rectification, from the supervisors' opinion to the published result, as a table."""

from typing import Any

from participate.cases.guards import ASSIGNEE, SUPERVISOR
from participate.kernel.workflow import SYSTEM, Actor, Move, Workflow, among

WATCHED = "watched"  # Who handles for the unit that has to rectify.

STAGES = {
    "issued": "decision",
    "planned": "action",
    "done": "verification",
    "rectified": "feedback",
    "unmet": "feedback",
}
# What is to be done next in each state that is open, by a day.
DUTY_IN = {"issued": "plan", "planned": "rectify", "done": "recheck"}
OPEN_STATES, DUTIES = tuple(DUTY_IN), tuple(DUTY_IN.values())


def own_opinion(row: Any, actor: Actor) -> str | None:
    """Another than who wrote the opinion looks whether it was done, and nobody who stands in for them."""
    return "own_opinion" if row.written_by in actor.persons else None


def is_failing(row: Any, actor: Actor) -> str | None:
    """It is late, or was sent back before."""
    if own_opinion(row, actor):
        return own_opinion(row, actor)
    return None if row.late or row.sent_back else "not_late_yet"


ISSUE = Move(
    "issue",
    among(),
    "issued",
    among(ASSIGNEE),
    "issued",
    "Who has the case of a supervision tells the unit watched what must be put right; it learns of nothing else.",
    needs=("note",),
    shown_to="author",
    note_to="author",
    starts=("plan",),
)

RECTIFICATION = Workflow(
    "rectification",
    "issued",
    STAGES,
    (
        Move(
            "plan",
            among("issued"),
            "planned",
            among(WATCHED),
            "planned",
            "The unit says what it will do, and until which day.",
            needs=("note", "due_at"),
            shown_to="author",
            note_to="author",
            starts=("rectify",),
            stops=("plan",),
            says=("day",),
        ),
        Move(
            "report",
            among("planned"),
            "done",
            among(WATCHED),
            "reported",
            "The unit says what it has done.",
            needs=("note",),
            shown_to="author",
            note_to="author",
            starts=("recheck",),
            stops=("rectify",),
        ),
        Move(
            "confirm",
            among("done"),
            "rectified",
            among(SUPERVISOR),
            "confirmed",
            "Another than who wrote the opinion has looked: it is put right, and what they say of it is published.",
            needs=("note",),
            guard=own_opinion,
            shown_to="author",
            note_to="author",
            stops=("recheck",),
        ),
        Move(
            "send_back",
            among("done"),
            "issued",
            among(SUPERVISOR),
            "sent_back",
            "Another than who wrote the opinion has looked: it is not put right, and the unit plans anew.",
            needs=("note",),
            guard=own_opinion,
            shown_to="author",
            note_to="author",
            starts=("plan",),
            stops=("recheck",),
        ),
        Move(
            "find_unmet",
            among(*OPEN_STATES),
            "unmet",
            among(SUPERVISOR),
            "failed",
            "It is late, or was sent back before, and is not put right: that is published.",
            needs=("note",),
            guard=is_failing,
            shown_to="author",
            note_to="author",
            stops=DUTIES,
        ),
        Move(
            "miss",
            among(*OPEN_STATES),
            None,
            among(SYSTEM),
            "missed",
            "A day has passed by which the unit was to have planned or done it, or somebody to have looked.",
            shown_to="author",
        ),
    ),
)
