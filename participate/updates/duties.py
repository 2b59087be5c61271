"""What has a day of its own within a submission's story: what was promised, is to be put right, or is a round."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, null, select

from participate.cases.commitments.models import Commitment
from participate.cases.rectifications.models import Rectification
from participate.consultations.models import Round
from participate.kernel.clock import now
from participate.kernel.db import AnySelect, rows

_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_READ: Mapping[str, AnySelect] = {
    "commitment": select(Commitment.id, Commitment.due_at, Commitment.unit).where(Commitment.id.in_(_IDS)),
    "rectification": select(Rectification.id, Rectification.due_at, null().label("unit")).where(
        Rectification.id.in_(_IDS), Rectification.open
    ),
}
_ROUNDS = select(Round.id, Round.opens_at, Round.closes_at).where(Round.id.in_(_IDS))


class Duty(NamedTuple):
    """By when something comes next of it, None where its day is over; and the unit that is to keep it, if it names one.

    The rectification that a unit owes names none: nobody is named of what is sealed.
    """

    due_at: datetime | None
    unit: str | None


def of(stands: Collection[tuple[str, str, str]]) -> dict[str, Duty]:
    """Those of these that have a day of their own: each a subject (`commitment`, …), its state and its id."""
    found, moment = dict[str, Duty](), now()
    for subject, read in _READ.items():
        ids = {id_ for of_what, _, id_ in stands if of_what == subject}
        for row in rows(read, {"ids": sorted(ids)}) if ids else ():
            found[row.id] = Duty(row.due_at if row.due_at > moment else None, row.unit)
    return found | _rounds({id_: state for of_what, state, id_ in stands if of_what == "round"})


def _rounds(states: Mapping[str, str]) -> dict[str, Duty]:
    """Until it begins, or ends."""
    held = rows(_ROUNDS, {"ids": sorted(states)}) if states else ()
    days = {row.id: {"announced": row.opens_at, "open": row.closes_at} for row in held}
    return {id_: Duty(by_state.get(states[id_]), None) for id_, by_state in days.items()}
