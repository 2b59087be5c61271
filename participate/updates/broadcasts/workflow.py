"""The life of a broadcast, as a table."""

from typing import Any

from participate.kernel.workflow import SYSTEM, Actor, Move, Workflow, among

ROLES = ("dispatcher", "supervisor")
STAGES = {"waiting": "decision", "sending": "action", "sent": "feedback", "refused": "feedback", "stopped": "feedback"}


def _is_anothers(row: Any, actor: Actor) -> str | None:
    return "own_broadcast" if row.author_id == actor.account_id else None


ANNOUNCE = Move("announce", among(), "waiting", among(*ROLES), "announced", "Somebody has it to say.", shown_to="desk")

BROADCAST = Workflow(
    "broadcast",
    "waiting",
    STAGES,
    (
        Move(
            "release",
            among("waiting"),
            "sending",
            among(SYSTEM),
            "released",
            "It goes to few: nobody else need read it first.",
            shown_to="desk",
            starts=("page",),
        ),
        Move(
            "consent",
            among("waiting"),
            "sending",
            among(*ROLES),
            "released",
            "Somebody else has read it, and how many it goes to.",
            guard=_is_anothers,
            shown_to="desk",
            starts=("page",),
        ),
        Move(
            "refuse",
            among("waiting"),
            "refused",
            among(*ROLES),
            "refused",
            "It is not sent, for a reason.",
            needs=("note",),
            shown_to="desk",
        ),
        Move(
            "stop",
            among("sending", "sent"),
            "stopped",
            among(*ROLES),
            "stopped",
            "Whoever has not heard it yet does not, nor by a message that still waits.",
            needs=("note",),
            shown_to="desk",
            stops=("page",),
        ),
        Move(
            "finish",
            among("sending"),
            "sent",
            among(SYSTEM),
            "finished",
            "All have heard it.",
            shown_to="desk",
            stops=("page",),
        ),
    ),
)
