"""Draws the picture of a consultation's votes, in the worker, at most once a minute while people vote."""

from collections.abc import Sequence
from dataclasses import asdict
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from participate.consultations import queries
from participate.consultations.models import Consultation, Statement
from participate.kernel.clock import now, rfc3339
from participate.kernel.db import change, table, transaction
from participate.kernel.outbox import Fact
from participate.kernel.workflow import locked

if TYPE_CHECKING:
    from participate.consultations import opinion

MOST_NAMED = 20  # statements on which the groups agree that are named
_DECIMALS = 4


def draw(fact: Fact) -> dict[str, Any]:
    """What the votes show now, before the transaction that keeps it: it takes a while with many."""
    import numpy as np  # noqa: PLC0415 - no process that only serves loads arrays: see ADR 0021

    from participate.consultations import opinion  # noqa: PLC0415

    with transaction():  # What is voted from here on is drawn the next time.
        row = locked(Consultation, fact.subject_id)
        row.stale, memory = False, opinion.Memory(**row.memory)
    shown, people = queries.shown(row.id), dict[str, int]()
    cells = [
        (people.setdefault(vote.account_id, len(people)), place, vote.value)
        for place, votes in queries.votes(shown)
        for vote in votes
    ]
    table_of_votes = np.full((len(people), len(shown)), np.nan)
    if cells:
        who, which, values = np.array(cells).T
        table_of_votes[who, which] = values
    # People in the order of their ids, so that the same votes make the same picture however they are read.
    table_of_votes = table_of_votes[[people[each] for each in sorted(people)]]
    drawn = opinion.picture(table_of_votes, seed_of(row.id), memory)
    said = _said(opinion.tally(table_of_votes, drawn), drawn, shown) | {"votes": len(cells), "people": len(people)}
    extremity = dict(zip(shown, map(float, drawn.extremity), strict=True))
    return {"picture": said, "memory": asdict(drawn.memory), "extremity": extremity}


def seed_of(consultation_id: str) -> int:
    """The number from which chance begins: the same for everyone who recomputes it."""
    return int.from_bytes(blake2b(consultation_id.encode(), digest_size=4).digest(), "big")


def keep(fact: Fact, found: dict[str, Any]) -> None:
    """Keep what was drawn."""
    with transaction():
        row = locked(Consultation, fact.subject_id)
        row.picture = found["picture"] | {"at": rfc3339(now())}
        row.memory, row.version = found["memory"], row.version + 1
        for statement_id, extremity in found["extremity"].items():
            change(table(Statement), "id", {"id": statement_id, "extremity": extremity})


def _said(counts: "opinion.Tally", drawn: "opinion.Picture", shown: Sequence[str]) -> dict[str, Any]:
    """What everyone may know of it: nothing of groups under five people, and nobody's position."""
    from participate.consultations import opinion  # noqa: PLC0415

    sizes = [int((drawn.group == n).sum()) for n in range(len(counts.seen))]
    told = [n for n, size in enumerate(sizes) if size >= opinion.SMALLEST]
    stands_for = opinion.representative(counts)
    agreed, opposed = opinion.consensus(counts)
    order = sorted(range(len(shown)), key=lambda n: -max(agreed[n], opposed[n]))[:MOST_NAMED]
    return {
        "counted": int(drawn.counted.sum()),
        "groups": [
            {"group": n, "people": sizes[n], "stands_for": [_named(one, shown) for one in stands_for[n]]} for n in told
        ],
        "suppressed": len(sizes) - len(told) if any(sizes) else 0,
        "consensus": [
            {
                "statement_id": shown[n],
                "agree": round(float(agreed[n]), _DECIMALS),
                "disagree": round(float(opposed[n]), _DECIMALS),
            }
            for n in order
        ],
    }


def _named(one: dict[str, Any], shown: Sequence[str]) -> dict[str, Any]:
    return {
        "statement_id": shown[one["statement"]],
        "side": one["side"],
        "share": round(one["share"], _DECIMALS),
        "times": round(one["more"], _DECIMALS),
    }
