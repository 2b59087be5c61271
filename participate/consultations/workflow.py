"""The life of a statement, as a table."""

from participate.kernel.workflow import Move, Workflow, among

MODERATOR = "moderator"
STAGES = {"waiting": "moderation", "shown": "action", "refused": "moderation"}
ADD = Move("add", among(), "waiting", among("participant"), "added", "Somebody has something to say.", shown_to="desk")

STATEMENT = Workflow(
    "statement",
    "waiting",
    STAGES,
    (
        Move(
            "show",
            among("waiting", "refused"),
            "shown",
            among(MODERATOR),
            "shown",
            "It is a statement on the question, and everyone may vote on it.",
            shown_to="desk",
        ),
        Move(
            "refuse",
            among("waiting", "shown"),
            "refused",
            among(MODERATOR),
            "refused",
            "It says what another says, is no statement, or harms somebody; its author reads why.",
            needs=("note",),
            shown_to="desk",
        ),
    ),
)
