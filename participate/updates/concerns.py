"""How a fact concerns whoever hears of it, and with that: whether it can be muted, and what goes before what."""

from participate.kernel.db import AnyRow

# What was decided, answered or done about one's own submission; another step of it; one that somebody has joined or
# follows; what staff hear of; what is said to an area; the code by which an address is verified.
OUTCOME, OWN, JOINED, FOLLOWED, STAFF, AREA, CODE = "outcome", "own", "joined", "followed", "staff", "area", "code"
# What a person may go without on a channel of theirs, or have in a daily digest; all of it stays in the feed.
MUTABLE = (OWN, JOINED, FOLLOWED, STAFF, AREA)
DIGESTED = (OWN, JOINED, FOLLOWED, STAFF)  # Tomorrow is too late for what an area is told.
CHOOSABLE = (OUTCOME, *MUTABLE)
# The lower goes first: however many hear of what they have joined, nobody's own outcome waits for them.
PRIORITIES = {CODE: 0, OUTCOME: 0, OWN: 1}
LAST = 2

# Where a step that leads there is an outcome for whoever has handed it in.
_OUTCOMES = {
    "submission": frozenset({"accepted", "returned", "rejected", "merged", "open", "concluded", "closed", "withdrawn"}),
    "case": frozenset({"resolved", "verified", "closed", "cancelled"}),
    "commitment": frozenset({"promised", "overdue", "kept", "superseded"}),
    "rectification": frozenset({"rectified", "unmet"}),
    "unmasking": frozenset({"granted"}),
    "statement": frozenset({"shown", "refused"}),
}
# What is decided or answered without leading anywhere, or back to work.
_DECIDED = frozenset(
    {
        *(("submission", move) for move in ("file", "talk", "adopt", "convert")),
        *(("case", move) for move in ("publish", "order_rework")),
        ("commitment", "postpone"),
    }
)


def of_step(step: AnyRow) -> str:
    """How a step (its `subject_type`, `move`, `source` and `target`) concerns whose own its submission is."""
    arrives = step.source != step.target and step.target in _OUTCOMES.get(step.subject_type, ())
    return OUTCOME if arrives or (step.subject_type, step.move) in _DECIDED else OWN


def priority(concern: str) -> int:
    """Its place in line, from 0."""
    return PRIORITIES.get(concern, LAST)
