"""A rectification's verbs: an opinion is issued, the unit plans and reports, somebody else looks and publishes."""

from datetime import timedelta
from typing import Any

from participate.cases import clocks
from participate.cases import queries as cases
from participate.cases.guards import ASSIGNEE
from participate.cases.making import make
from participate.cases.models import Case
from participate.cases.parts.workflow import flow_of
from participate.cases.rectifications import queries
from participate.cases.rectifications.models import Rectification
from participate.cases.rectifications.workflow import DUTY_IN, ISSUE, OPEN_STATES, RECTIFICATION
from participate.catalogue import queries as catalogue
from participate.catalogue.service import calendar
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import db, transaction
from participate.kernel.errors import Conflict, Fault, Forbidden, Invalid
from participate.kernel.ids import new_id, new_reference
from participate.kernel.workflow import THE_SYSTEM, Actor, apply, begin, locked
from participate.submissions.kinds import SEALED
from participate.submissions.supervisions.service import unit_of

LIMITS = {"plan": (5, "work_day"), "recheck": (10, "work_day")}
LONGEST = timedelta(days=366)  # that a plan may take
_WAITS = {"waits_for": "other_unit"}
_WRITTEN = {"plan": "plan", "report": "report", "confirm": "result", "find_unmet": "result"}


def issue(caller: Caller, case_id: str, fields: dict[str, Any]) -> str:
    """Tell the unit watched what must be put right (`title`, `note`, and `unit` where the supervision names none).

    The case's clock stands still meanwhile. Returns its id. Raises Missing, Forbidden for who does not have the case,
    Conflict (`wrong_kind`, `wrong_state`, `rectification_open`), and Invalid for a unit that is not there.
    """
    cases.case(caller, case_id)
    with transaction():
        case = locked(Case, case_id)
        actor = cases.actor(caller, case)
        if ASSIGNEE not in actor.roles:
            raise Forbidden("move_not_yours")
        if case.kind != SEALED or case.part_of is not None:
            raise Conflict("wrong_kind")
        if queries.open_of(case.id) is not None:
            raise Conflict("rectification_open")
        if case.state != "in_progress":
            raise Conflict("wrong_state")
        return _issue(case, actor, fields)


def _issue(case: Case, actor: Actor, fields: dict[str, Any]) -> str:
    made = Rectification(id=new_id(), reference=new_reference(), case_id=case.id, submission_id=case.submission_id)
    made.unit, made.area, made.title = _unit(case, fields.get("unit")), case.area, fields["title"]
    made.opinion, made.written_by, made.issued_at = fields["note"], str(actor.account_id), now()
    made.state, made.version, made.open, made.late, made.sent_back = RECTIFICATION.initial, 1, True, False, 0
    db.session.add(made)
    db.session.flush()
    begin(RECTIFICATION, made, ISSUE, actor, note=made.opinion)
    _run(made)
    if "pause" in flow_of(case).offered(case, actor):  # What is late already stays so.
        make(case, "pause", actor, _WAITS | {"note": made.title, "due_at": now() + clocks.MAX_PAUSE})
    return str(made.id)


def _unit(case: Case, named: str | None) -> str:
    """The unit that has to put it right: the one that is named, or else watched. Raises Invalid."""
    unit = named or unit_of(case.submission_id)
    if unit is None:
        raise Invalid(Fault("unit", "required"))
    if not getattr(catalogue.unit(unit), "active", False):
        raise Invalid(Fault("unit", "unknown_code"))
    return unit


def move(caller: Caller, rectification_id: str, name: str, fields: dict[str, Any], version: int | None = None) -> None:
    """Make a move that it offers. Raises Missing where the caller may not see it, and as `apply`."""
    seen = queries.rectification(caller, rectification_id)
    with transaction():
        case = locked(Case, seen.case_id)  # First the case, as everybody else takes them.
        made = locked(Rectification, rectification_id)
        _move(made, name, queries.actor(caller, made, seen.watches), fields, version)
        if not made.open and case.state == "paused" and "resume" in flow_of(case).offered(case, THE_SYSTEM):
            make(case, "resume", THE_SYSTEM, {})


def _move(made: Rectification, name: str, actor: Actor, fields: dict[str, Any], version: int | None = None) -> None:
    until = fields.get("due_at") if name == "plan" else None
    day = {"day": clocks.day(clocks.ahead(until, now(), now() + LONGEST))} if until else {}
    given = {"due_at"} if until else set[str]()
    note = fields.get("note")
    apply(RECTIFICATION, made, name, actor, note=note, given=given, expected_version=version, shown=day)
    if name in _WRITTEN:
        setattr(made, _WRITTEN[name], note)
    made.planned_until = until or made.planned_until
    made.sent_back += name == "send_back"
    made.open = made.state in OPEN_STATES
    if not made.open:
        made.settled_by, made.settled_at, made.due_at = actor.account_id, now(), None
    elif name != "miss":
        _run(made)


def _run(made: Rectification) -> None:
    """The clock of what is to be done next; nothing is late any more."""
    duty = DUTY_IN[made.state]
    if duty == "rectify" and made.planned_until is not None:
        until, clock = made.planned_until, "calendar_day"
    else:
        until, clock = calendar().due_at(now(), *LIMITS[duty]), LIMITS[duty][1]
    made.due_at, made.late = until, False
    deadlines.start("rectification", made.id, duty, clock, until)


def fall_due(rectification_id: str, duty: str) -> None:
    """A day has passed; nothing happens where it was done before the worker looked."""
    with transaction():
        made = locked(Rectification, rectification_id)
        if deadlines.missed(made.id, duty) and DUTY_IN.get(made.state) == duty and not made.late:
            _move(made, "miss", THE_SYSTEM, {})
            made.late = True
