"""The life of a commitment, as a table."""

from typing import Any

from participate.cases.guards import ASSIGNEE, DISPATCHER, SUPERVISOR
from participate.kernel.clock import now
from participate.kernel.workflow import SYSTEM, Actor, Move, Workflow, among

MAX_POSTPONEMENTS = 2
MODERATOR = "moderator"  # says what comes of a consultation

STAGES = {"promised": "action", "overdue": "action", "kept": "feedback", "superseded": "feedback"}
OPEN_STATES = "promised", "overdue"


def _postponed_enough(row: Any, _actor: Actor) -> str | None:
    if row.due_at <= now():
        return "overdue_already"
    return "postponed_enough" if row.postponed >= MAX_POSTPONEMENTS else None


PROMISE = Move(
    "promise",
    among(),
    "promised",
    among(ASSIGNEE, MODERATOR, DISPATCHER, SUPERVISOR),
    "promised",
    "A final reply, or a consultation's outcome, says that it is planned: until when, and by whom.",
    shown_to="public",
    note_to="public",
    says=("day",),
)

COMMITMENT = Workflow(
    "commitment",
    "promised",
    STAGES,
    (
        Move(
            "postpone",
            among("promised"),
            None,
            among(ASSIGNEE),
            "postponed",
            "It takes longer; who waits for it hears why, while it is still time.",
            needs=("note", "due_at"),
            guard=_postponed_enough,
            note_to="public",
            starts=("keep",),
            says=("day",),
        ),
        Move(
            "hand_on",
            among(*OPEN_STATES),
            None,
            among(DISPATCHER, SUPERVISOR),
            "handed_on",
            "Somebody else answers for it; what was promised stays.",
            needs=("to", "note"),
            shown_to="desk",
        ),
        Move(
            "miss",
            among("promised"),
            "overdue",
            among(SYSTEM),
            "missed",
            "The promised day has passed without it.",
        ),
        Move(
            "deliver",
            among(*OPEN_STATES),
            "kept",
            among(ASSIGNEE),
            "kept",
            "It is done, and can be seen.",
            needs=("note", "photo"),
            note_to="public",
            stops=("keep",),
        ),
        Move(
            "supersede",
            among(*OPEN_STATES),
            "superseded",
            among(SYSTEM),
            "superseded",
            "The case was opened again and has another final reply, or the consultation another outcome.",
            stops=("keep",),
        ),
    ),
)
