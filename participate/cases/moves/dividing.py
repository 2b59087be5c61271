"""How a case is divided into parts, and what its lead says of them."""

from participate.cases import guards
from participate.cases.guards import ASSIGNEE, DISPATCHER, SUPERVISOR, UNDONE
from participate.kernel.workflow import Move, among

DIVIDING = (
    Move(
        "divide",
        among(*UNDONE),
        None,
        among(ASSIGNEE, DISPATCHER, SUPERVISOR),
        "divided",
        "A part of it is others' to do, by a clock of their own; the lead answers for the whole.",
        needs=("title", "note"),
        guard=guards.has_all_parts,
    ),
    Move(
        "reopen_part",
        among(*UNDONE),
        None,
        among(ASSIGNEE, DISPATCHER, SUPERVISOR),
        "part_reopened",
        "A part that was done has to be done again.",
        needs=("part", "note"),
        guard=guards.has_no_part_done,
        shown_to="desk",
    ),
    Move(
        "drop_part",
        among(*UNDONE),
        None,
        among(ASSIGNEE, DISPATCHER, SUPERVISOR),
        "part_dropped",
        "It can do without a part after all.",
        needs=("part", "note"),
        guard=guards.has_no_part_open,
        shown_to="desk",
    ),
)
