"""The moves of a submission that its case makes: from `accepted` on it follows that."""

from participate.kernel.workflow import SYSTEM, Move, among

CASE = "case"  # The desk through which they are made.


def _follow(name: str, sources: frozenset[str], target: str, fact: str, why: str) -> Move:
    """A move that only the submission's case makes; the case's own move is what people are told."""
    return Move(name, sources, target, among(SYSTEM), fact, why, shown_to="desk", through=CASE)


FOLLOWING = (
    _follow("assign", among("accepted"), "assigned", "assigned", "Its case has a handler."),
    _follow("begin", among("assigned"), "in_progress", "begun", "The handler has started."),
    _follow("hand_over", among("in_progress"), "in_verification", "handed_over", "The handler says it is done."),
    _follow("send_back", among("in_verification"), "in_progress", "sent_back", "Verification failed."),
    _follow("answer", among("in_verification"), "answered", "answered", "Someone else has verified it."),
    _follow("retry", among("disputed"), "assigned", "retried", "A supervisor agrees that it is not resolved."),
    _follow("settle", among("accepted"), "in_verification", "settled", "The officer who found it has mended it."),
    _follow(
        "stand",
        among("in_verification", "answered"),
        "closed",
        "stood",
        "Nobody is asked to rate what an officer has found.",
    ),
    _follow("uphold", among("disputed"), "closed", "upheld", "A supervisor lets the answer stand."),
)
