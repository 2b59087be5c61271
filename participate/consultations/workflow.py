"""The lives of a statement and of a round, as tables."""

from participate.kernel.workflow import SYSTEM, Move, Workflow, among

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

PLAN = Move("plan", among(), "planned", among(MODERATOR), "planned", "Another round is thought of.", shown_to="desk")
HIDDEN = ("planned", "dropped")  # Of a round in these states nobody has heard, and only its staff see it.
# What the clock does, in each state that it ends.
ON_TIME = {"planned": "announce", "announced": "open", "open": "end"}

ROUND = Workflow(
    "round",
    "planned",
    {
        "planned": "triage",
        "announced": "decision",
        "open": "action",
        "over": "feedback",
        "cancelled": "feedback",
        "dropped": "feedback",
    },
    (
        Move(
            "revise",
            among("planned"),
            None,
            among(MODERATOR),
            "revised",
            "Nobody has heard of it yet: all of it may be planned otherwise.",
            shown_to="desk",
            starts=("turn",),
        ),
        Move(
            "drop",
            among("planned"),
            "dropped",
            among(MODERATOR, SYSTEM),
            "dropped",
            "It is not needed, and nobody has heard of it.",
            shown_to="desk",
            stops=("turn",),
        ),
        Move(
            "announce",
            among("planned"),
            "announced",
            among(SYSTEM),
            "announced",
            "From here on its papers can be read.",
            starts=("turn",),
            says=("day",),
        ),
        Move(
            "change",
            among("announced", "open"),
            None,
            among(MODERATOR),
            "changed",
            "Before it begins it may be held otherwise, and while it runs end on another day; all hear why.",
            needs=("note",),
            note_to="public",
            starts=("turn",),
        ),
        Move(
            "cancel",
            among("announced"),
            "cancelled",
            among(MODERATOR),
            "cancelled",
            "It is not held; all hear why.",
            needs=("note",),
            note_to="public",
            stops=("turn",),
        ),
        Move(
            "open",
            among("announced"),
            "open",
            among(SYSTEM),
            "opened",
            "Statements and votes are taken.",
            starts=("turn",),
            says=("day",),
        ),
        Move("end", among("open"), "over", among(SYSTEM), "ended", "Its time is over.", stops=("turn",)),
        Move(
            "lapse",
            among("announced", "open"),
            "over",
            among(SYSTEM),
            "lapsed",
            "The consultation was concluded before; who took part has heard that.",
            shown_to="desk",
            stops=("turn",),
        ),
    ),
)
