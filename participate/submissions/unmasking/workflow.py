"""The life of a request to learn who wrote a micro-supervision, as a table."""

from typing import Any

from participate.kernel.workflow import SYSTEM, Actor, Move, Workflow, among

# Who asks, and who agrees: another of those who see the submission.
ASKERS = ("moderator", "supervisor")
CONSENTERS = ("moderator", "supervisor", "auditor")

STAGES = {"asked": "decision", "granted": "feedback", "refused": "feedback", "lapsed": "feedback"}


def _is_another(row: Any, actor: Actor) -> str | None:
    """Nobody agrees with themselves, nor with whom they stand in for."""
    return "second_person" if row.asked_by in actor.persons else None


ASK = Move(
    "ask",
    among(),
    "asked",
    among(*ASKERS),
    "asked",
    "Somebody must know who wrote it, and says why.",
    needs=("note",),
    shown_to="desk",
    starts=("consent",),
)

UNMASKING = Workflow(
    "unmasking",
    "asked",
    STAGES,
    (
        Move(
            "consent",
            among("asked"),
            "granted",
            among(*CONSENTERS),
            "granted",
            "A second person agrees: who has asked may read it for a day, and its author hears that it happened.",
            needs=("note",),
            guard=_is_another,
            shown_to="author",
            stops=("consent",),
        ),
        Move(
            "refuse",
            among("asked"),
            "refused",
            among(*CONSENTERS),
            "refused",
            "A second person does not agree.",
            needs=("note",),
            guard=_is_another,
            shown_to="desk",
            stops=("consent",),
        ),
        Move(
            "lapse",
            among("asked"),
            "lapsed",
            among(SYSTEM),
            "lapsed",
            "Nobody has agreed in time.",
            shown_to="desk",
            stops=("consent",),
        ),
    ),
)
