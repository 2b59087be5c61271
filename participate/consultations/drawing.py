"""Draws the picture of a consultation's votes, in the worker, at most once a minute while people vote."""

from collections.abc import Sequence
from dataclasses import asdict
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from participate.consultations import parts, queries
from participate.consultations.models import Consultation, Statement
from participate.kernel.clock import now, rfc3339
from participate.kernel.db import change, table, transaction
from participate.kernel.disclosure import LEAST
from participate.kernel.outbox import Fact
from participate.kernel.workflow import locked

if TYPE_CHECKING:
    from participate.consultations import opinion

MOST_NAMED = 20  # statements on which the groups agree that are named
_DECIMALS = 4


def draw(fact: Fact) -> dict[str, Any]:
    """What the votes show now, before the transaction that keeps it: it takes a while with many."""
    from participate.consultations import opinion  # noqa: PLC0415 - no process that only serves loads arrays: ADR 0021

    with transaction():  # What is voted from here on is drawn the next time.
        row = locked(Consultation, fact.subject_id)
        row.stale, memory, sides = False, opinion.Memory(**row.memory), len(row.sides)
    shown, votes = voted(row.id)
    said, drawn = pictured(votes, shown, seed_of(row.id), memory)
    extremity = dict(zip(shown, map(float, drawn.extremity), strict=True))
    found = {"picture": said, "memory": asdict(drawn.memory), "extremity": extremity}
    return found | {"parts": parts.counted(row.id, sides) if sides else None}


def voted(consultation_id: str) -> tuple[list[str], "opinion.Floats"]:
    """The statements that are voted on, and a row of votes on these for each person: see `opinion.picture`."""
    import numpy as np  # noqa: PLC0415 - as above

    shown, people = queries.shown(consultation_id), dict[str, int]()
    cells = [
        (people.setdefault(vote.account_id, len(people)), place, vote.value)
        for place, votes in queries.votes(shown)
        for vote in votes
    ]
    found = np.full((len(people), len(shown)), np.nan)
    if cells:
        who, which, values = np.array(cells).T
        found[who, which] = values
    return shown, found


def pictured(
    votes: "opinion.Floats", shown: Sequence[str], seed: int, memory: "opinion.Memory"
) -> tuple[dict[str, Any], "opinion.Picture"]:
    """What everyone may know of votes on the statements `shown`, and the picture that it is read off.

    Whoever has the votes finds the same, in whatever order people stand: they are put into that of their votes.
    """
    import numpy as np  # noqa: PLC0415 - as above

    from participate.consultations import opinion  # noqa: PLC0415

    plain = np.where(np.isnan(votes), 2, votes).astype(np.int8)
    ordered = votes[sorted(range(len(votes)), key=lambda n: plain[n].tobytes())]
    drawn = opinion.picture(ordered, seed, memory)
    counts = {"votes": int((~np.isnan(votes)).sum()), "people": len(votes)}
    return _said(opinion.tally(ordered, drawn), drawn, shown) | counts, drawn


def seed_of(consultation_id: str) -> int:
    """The number from which chance begins: the same for everyone who recomputes it."""
    return int.from_bytes(blake2b(consultation_id.encode(), digest_size=4).digest(), "big")


def keep(fact: Fact, found: dict[str, Any]) -> None:
    """Keep what was drawn."""
    with transaction():
        row = locked(Consultation, fact.subject_id)
        row.picture = found["picture"] | {"at": rfc3339(now())}
        row.memory, row.parts, row.version = found["memory"], found["parts"], row.version + 1
        for statement_id, extremity in found["extremity"].items():
            change(table(Statement), "id", {"id": statement_id, "extremity": extremity})


def _said(counts: "opinion.Tally", drawn: "opinion.Picture", shown: Sequence[str]) -> dict[str, Any]:
    """What everyone may know of it: nothing of groups under five people, and nobody's position."""
    from participate.consultations import opinion  # noqa: PLC0415

    sizes = [int((drawn.group == n).sum()) for n in range(len(counts.seen))]
    told = [n for n, size in enumerate(sizes) if size >= LEAST]
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
