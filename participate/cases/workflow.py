"""The journey of a case, as a table; level and holder are columns, but their changes are moves all the same."""

from participate.cases.moves.dividing import DIVIDING
from participate.cases.moves.handling import HANDLING
from participate.cases.moves.judging import JUDGING
from participate.cases.moves.placing import PLACING
from participate.kernel.workflow import SYSTEM, Move, Workflow, among

STAGES = {
    "filed": "triage",
    "dispatched": "decision",
    "objected": "triage",
    "accepted": "decision",
    "in_progress": "action",
    "paused": "action",
    "rework": "action",
    "resolved": "verification",
    "verified": "evaluation",
    "disputed": "evaluation",
    "closed": "feedback",
    "cancelled": "feedback",
}
OPEN_STATES = tuple(state for state in STAGES if state not in {"closed", "cancelled"})
# Once it is verified, the submitter alone is waited for.
DUE_STATES = tuple(state for state in OPEN_STATES if state != "verified")

FILE = Move("file", among(), "filed", among(SYSTEM), "filed", "An accepted submission needs action.", shown_to="public")

CASE = Workflow("case", "filed", STAGES, (*PLACING, *HANDLING, *DIVIDING, *JUDGING))

# What the submission does when its case moves.
FOLLOWS = {
    "dispatch": "assign",
    "take": "assign",
    "start": "begin",
    "resolve": "hand_over",
    "rework": "send_back",
    "verify": "answer",
    "settle": "settle",
    "let_stand": "stand",
    "order_rework": "retry",
    "uphold": "uphold",
}
