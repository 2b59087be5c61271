"""What becomes of one co-handler of a case, as a table."""

from typing import Any

from participate.cases.guards import ASSIGNEE, DISPATCHER, SUPERVISOR
from participate.kernel.workflow import SYSTEM, Actor, Move, Workflow, among

COHANDLER = "cohandler"

STAGES = {
    "named": "decision",
    "asked": "action",
    "declined": "action",
    "late": "action",
    "countersigned": "action",
    "released": "feedback",
}
OPEN_STATES = tuple(state for state in STAGES if state != "released")
# For whom the reply waits, and of them who holds it up until somebody does something about it.
WAITING_STATES, WITHHELD_STATES = ("asked", "late"), ("declined", "late")


def _lead(_row: Any, actor: Actor) -> str | None:
    """Who is to be countersigned does not choose by whom."""
    return "own_work" if ASSIGNEE in actor.roles else None


NAME = Move(
    "name",
    among(),
    "named",
    among(DISPATCHER, SUPERVISOR),
    "named",
    "The dispatcher has named somebody who handles it too.",
    shown_to="desk",
)

COHANDLING = Workflow(
    "cohandler",
    "named",
    STAGES,
    (
        Move(
            "ask",
            among(*OPEN_STATES),
            "asked",
            among(SYSTEM),
            "asked",
            "There is a draft of the final reply, or another one, to be countersigned.",
            shown_to="desk",
            starts=("countersign",),
        ),
        Move(
            "countersign",
            among("asked", "declined", "late"),
            "countersigned",
            among(COHANDLER),
            "countersigned",
            "The co-handler stands by this draft.",
            shown_to="desk",
            stops=("countersign",),
        ),
        Move(
            "decline",
            among(*WAITING_STATES),
            "declined",
            among(COHANDLER),
            "declined",
            "The co-handler does not stand by this draft, and says why.",
            needs=("note",),
            shown_to="desk",
            stops=("countersign",),
        ),
        Move(
            "miss",
            among("asked"),
            "late",
            among(SYSTEM),
            "missed",
            "No word in time, which is no consent; the dispatcher sees to that.",
            shown_to="desk",
        ),
        Move(
            "recall",
            among("asked", "declined", "late", "countersigned"),
            "named",
            among(SYSTEM),
            "recalled",
            "The draft counts no more: the case has another lead, or is opened again.",
            shown_to="desk",
            stops=("countersign",),
        ),
        Move(
            "release",
            among(*OPEN_STATES),
            "released",
            among(DISPATCHER, SUPERVISOR, SYSTEM),
            "released",
            "The reply can do without them.",
            needs=("note",),
            guard=_lead,
            shown_to="desk",
            stops=("countersign",),
        ),
    ),
)
