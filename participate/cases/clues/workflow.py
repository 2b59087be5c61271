"""The life of a clue, as a table."""

from participate.cases.guards import SUPERVISOR
from participate.kernel.workflow import SYSTEM, Move, Workflow, among

STAGES = {"waiting": "triage", "taken_up": "feedback", "dismissed": "feedback"}

FIND = Move(
    "find",
    among(),
    "waiting",
    among(SYSTEM),
    "found",
    "A promise was broken, or a submission opened again twice: supervisors look whether there is something behind it.",
    shown_to="desk",
)

CLUE = Workflow(
    "clue",
    "waiting",
    STAGES,
    (
        Move(
            "take_up",
            among("waiting"),
            "taken_up",
            among(SUPERVISOR),
            "taken_up",
            "A supervisor hands in a supervision about it, as its author; others moderate and handle it.",
            needs=("note",),
            shown_to="desk",
        ),
        Move(
            "dismiss",
            among("waiting"),
            "dismissed",
            among(SUPERVISOR),
            "dismissed",
            "There is nothing behind it.",
            needs=("note",),
            shown_to="desk",
        ),
    ),
)
