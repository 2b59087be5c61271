"""What is published of a consultation that is over: its results, and the votes that these are recomputed from."""

from collections.abc import Iterator
from secrets import SystemRandom
from typing import Any

import numpy as np
from sqlalchemy import bindparam, select

from participate.consultations import drawing
from participate.consultations.models import Consultation, Statement
from participate.consultations.opinion import Floats, Memory
from participate.consultations.service import is_over, mark
from participate.kernel.clock import rfc3339
from participate.kernel.db import one, rows, transaction
from participate.kernel.disclosure import LEAST
from participate.submissions.models import Submission

FORMAT = "participate-consultation/1"
_SIGNS = {1: "+", -1: "-", 0: "0"}
_VALUES = {sign: value for value, sign in _SIGNS.items()} | {".": np.nan}
_NUMBERS = 10**9  # from which those of the people are drawn
_HELD = select(
    *(Consultation.id, Consultation.picture, Consultation.memory, Consultation.stale, Consultation.closes_at),
    *(Submission.reference, Submission.state),
).join(Submission, Submission.id == Consultation.id)
_ONE = _HELD.where(Submission.reference == bindparam("reference"))
_TEXTS = select(Statement.id, Statement.text, Statement.agrees, Statement.disagrees, Statement.passes).where(
    Statement.consultation_id == bindparam("consultation"), Statement.state == "shown"
)


class NotYet(Exception):
    """It cannot be published now; its text says why."""


def published(reference: str) -> dict[str, Any]:
    """All that is published of the consultation with this reference, as plain values for JSON.

    Each person is a number that is drawn anew each time, with a sign for each statement: `+`, `-`, `0` (passes), `.`.
    Where a group is so small that its people could be told, `people` is None and `withheld` says so. Raises NotYet.
    """
    row = one(_ONE, {"reference": reference})
    if row is None:
        raise NotYet(f"there is no consultation {reference}")
    if not is_over(row):
        raise NotYet("people still vote")
    if row.stale or row.picture is None:
        raise NotYet("its last votes are not drawn yet: a worker does that within a minute or two")
    shown, votes = drawing.voted(row.id)
    results = {name: value for name, value in row.picture.items() if name != "at"}
    told = {"format": FORMAT, "id": row.id, "reference": reference, "drawn_at": row.picture["at"], "results": results}
    told |= {"closed_at": rfc3339(row.closes_at) if row.closes_at else None, "groups": row.memory["groups"]}
    texts = {each.id: each._asdict() for each in rows(_TEXTS, {"consultation": row.id})}
    told["statements"] = [texts[each] for each in shown]
    whole = told | {"people": _people(votes), "withheld": None}
    if recomputed(whole) != results:
        with transaction():
            mark(row.id)
        raise NotYet("it has changed since it was drawn: a worker draws it anew within a minute or two")
    if results["suppressed"] or len(votes) < LEAST:
        return whole | {"people": None, "withheld": f"a group has fewer than {LEAST} people"}
    return whole


def _people(votes: Floats) -> list[dict[str, Any]]:
    numbers = SystemRandom().sample(range(1, _NUMBERS), len(votes))
    signs = ["".join("." if np.isnan(vote) else _SIGNS[int(vote)] for vote in row) for row in votes]
    return [{"person": number, "votes": row} for number, row in sorted(zip(numbers, signs, strict=True))]


def recomputed(told: dict[str, Any]) -> dict[str, Any]:
    """The results that the published votes make. Raises NotYet where they are withheld."""
    if told["people"] is None:
        raise NotYet(f"the votes are withheld: {told['withheld']}")
    shown = [each["id"] for each in told["statements"]]
    votes = np.full((len(told["people"]), len(shown)), np.nan)
    for n, each in enumerate(told["people"]):
        votes[n] = [_VALUES[sign] for sign in each["votes"]]
    # So many groups hold as have held when it was drawn: how often another number was best is not published.
    memory = Memory(groups=told["groups"], last=-1)
    return drawing.pictured(votes, shown, drawing.seed_of(told["id"]), memory)[0]


def lines(told: dict[str, Any]) -> Iterator[tuple[int, str, int]]:
    """Person, statement and vote (1, -1, 0) of all that is published, for a sheet."""
    for each in told["people"] or []:
        for statement, sign in zip(told["statements"], each["votes"], strict=True):
            if sign != ".":
                yield each["person"], statement["id"], int(_VALUES[sign])
