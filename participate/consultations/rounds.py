"""A round's verbs: planned and changed by who runs the consultation, and announced, opened and ended by the clock."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from participate.cases import clocks
from participate.consultations import queries
from participate.consultations.models import Consultation, Round
from participate.consultations.workflow import ON_TIME, PLAN, ROUND
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.context import local
from participate.kernel.db import db, transaction
from participate.kernel.errors import Conflict, Fault, Forbidden, Invalid
from participate.kernel.ids import new_id
from participate.kernel.workflow import THE_SYSTEM, apply, begin, locked
from participate.submissions import queries as submissions

MOST = 20  # rounds of a consultation
LONGEST = timedelta(days=731)
_TIMES = ("notice_at", "opens_at", "closes_at")
_FIELDS = {*_TIMES, "title", "invited_only", "papers"}
# What a move may change: of what has begun the past stays as it was.
_CHANGES = {
    ("revise", "planned"): _FIELDS,
    ("change", "announced"): _FIELDS - {"notice_at"},
    ("change", "open"): {"closes_at"},
}
_ENDS = {"planned": "notice_at", "announced": "opens_at", "open": "closes_at"}


def plan(caller: Caller, consultation_id: str, fields: dict[str, Any]) -> str:
    """Plan another round; without `notice_at` it is announced at once. Returns its id.

    Raises Missing, Forbidden for who does not moderate here, Conflict (`consultation_over`, `rounds_enough`), and
    Invalid for times that are out of order, over, or another round's.
    """
    row = queries.consultation(caller, consultation_id)
    actor = queries.actor(caller, row)
    if not actor.roles:
        raise Forbidden("move_not_yours")
    with transaction():
        held = _held(consultation_id)
        if held.rounds >= MOST:
            raise Conflict("rounds_enough")
        given = {"notice_at": now(), "invited_only": False, "papers": []} | fields
        made = Round(id=new_id(), consultation_id=held.id, number=held.rounds + 1, **given)
        _check(made, fields)
        made.state, made.version = ROUND.initial, 1
        db.session.add(made)
        db.session.flush()
        begin(ROUND, made, PLAN, actor)
        held.rounds += 1
        _go_on(held, made)
    return str(made.id)


def move(
    caller: Caller, consultation_id: str, round_id: str, name: str, fields: dict[str, Any], version: int | None = None
) -> None:
    """Make a move that the round offers. Raises as `plan`, and Missing for a round that the caller does not see."""
    row = queries.consultation(caller, consultation_id)
    queries.one_round(caller, row, round_id)
    changed = {name: fields[name] for name in fields if name != "note"}
    with transaction():
        held, made = _held(consultation_id), locked(Round, round_id)
        _catch_up(made)
        before = made.state
        apply(ROUND, made, name, queries.actor(caller, row), note=fields.get("note"), expected_version=version)
        stray = sorted(changed.keys() - _CHANGES.get((name, before), set()))
        if stray:
            raise Invalid(*(Fault(each, "unknown" if before == "planned" else "round_past") for each in stray))
        for each, value in changed.items():
            setattr(made, each, value)
        _check(made, changed)
        _go_on(held, made)


def turn(round_id: str) -> None:
    """`turn` is due: what its time has come for is done, unless it was done or put off before the worker looked."""
    consultation_id = queries.consultation_of(round_id)
    with transaction():
        held, made = locked(Consultation, consultation_id), locked(Round, round_id)
        if made.state not in ON_TIME:
            return
        if submissions.brief(consultation_id).state != "open":
            _lapse(made)
        else:
            _catch_up(made)
        _go_on(held, made)


def end_all(consultation_id: str) -> None:
    """The consultation is concluded, and with it the rounds that are not over. Doing it twice does no harm."""
    for round_id in queries.running_rounds(consultation_id):
        turn(round_id)


def _held(consultation_id: str) -> Consultation:
    """The consultation, under its lock, for which whoever votes waits. Raises Conflict once it is over."""
    held = locked(Consultation, consultation_id)
    if submissions.brief(consultation_id).state != "open":
        raise Conflict("consultation_over")
    return held


def _lapse(made: Round) -> None:
    for name in {"drop", "lapse"} & set(ROUND.offered(made, THE_SYSTEM)):
        apply(ROUND, made, name, THE_SYSTEM)


def _catch_up(made: Round) -> None:
    """Do what the clock has come to, one step behind the other where several are due."""
    while made.state in ON_TIME and getattr(made, _ENDS[made.state]) <= now():
        name = ON_TIME[made.state]
        until = {"announce": made.opens_at, "open": made.closes_at}.get(name)
        apply(ROUND, made, name, THE_SYSTEM, shown={"day": clocks.day(until)} if until else {})


def _go_on(held: Consultation, made: Round) -> None:
    """Do what is due, wait for what comes next, and let the consultation end with its last round."""
    _catch_up(made)
    if made.state in _ENDS:
        deadlines.start("round", made.id, "turn", "calendar_day", getattr(made, _ENDS[made.state]))
    db.session.flush()
    held.closes_at, held.version = queries.last_end(held.id), held.version + 1


def _check(made: Round, given: dict[str, Any]) -> None:
    """Raises Invalid where its times are out of order, one that is `given` is over, or another round is then."""
    faults = [fault for name in _TIMES if name in given for fault in _ahead(name, given[name])]
    for before, after in pairwise(_TIMES):
        earlier: datetime = getattr(made, before)
        if getattr(made, after) <= earlier:
            faults.append(Fault(after, "too_early", (("after", local(earlier)),)))
    if not faults and queries.overlaps(made):
        faults.append(Fault("opens_at", "round_overlaps"))
    if faults:
        raise Invalid(*faults)


def _ahead(name: str, wanted: datetime) -> list[Fault]:
    if wanted <= now():
        return [Fault(name, "too_early", (("after", local(now())),))]
    latest = now() + LONGEST
    return [Fault(name, "too_late", (("until", local(latest)),))] if wanted > latest else []
