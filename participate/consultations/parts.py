"""How each invited side has voted, and the open part; nothing is told from which the votes of few could be taken."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, func, select

from participate.consultations.models import Statement, Vote
from participate.consultations.sides import OPEN_PART, part_of
from participate.kernel.db import rows
from participate.kernel.disclosure import LEAST

_SHOWN = Statement.consultation_id == bindparam("consultation"), Statement.state == "shown"
_VOTES = (
    select(Vote.statement_id, Vote.sides, Vote.value, func.count().label("many"))
    .join(Statement, Statement.id == Vote.statement_id)
    .where(*_SHOWN)
    .group_by(Vote.statement_id, Vote.sides, Vote.value)
)
_PEOPLE = (
    select(Vote.account_id, Vote.sides)
    .join(Statement, Statement.id == Vote.statement_id)
    .where(*_SHOWN)
    .group_by(Vote.account_id, Vote.sides)
)


def counted(consultation_id: str, sides: int) -> list[dict[str, Any]]:
    """For each of so many sides, then for the open part: how many people, and how they voted on what.

    Each counts in one part. A part that cannot be told has `people` None, as it has no statement that cannot be.
    """
    cells: dict[str, dict[int, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    asked = {"consultation": consultation_id}
    for row in rows(_VOTES, asked):
        cells[row.statement_id][part_of(row.sides)][row.value] += row.many
    people = Counter(part for part, _ in {(part_of(row.sides), row.account_id) for row in rows(_PEOPLE, asked)})
    parts = [*range(1, sides + 1), OPEN_PART]
    told = safe(people, parts)
    voted: dict[int, list[dict[str, Any]]] = {part: [] for part in parts}
    for statement_id, by_part in sorted(cells.items()):
        for part in safe({part: by_part[part].total() for part in by_part}, told):
            counts = {"agrees": by_part[part][1], "disagrees": by_part[part][-1], "passes": by_part[part][0]}
            voted[part].append({"statement_id": statement_id} | counts)
    return [
        {"side": part or None, "people": people[part] if part in told else None, "statements": voted[part]}
        for part in parts
    ]


def safe(sizes: Mapping[int, int], parts: Collection[int]) -> set[int]:
    """Those of `parts` that may be told beside the sum of all: none is small, nor is what they leave of it.

    Where what is left is small, the smallest of the others is left with it.
    """
    told = {part for part in parts if sizes.get(part, 0) >= LEAST}
    left = sum(size for part, size in sizes.items() if part not in told)
    if told and 0 < left < LEAST:
        told.remove(min(told, key=lambda part: (sizes[part], part)))
    return told
