"""A case's verbs: opened by acceptance, moved by those who hold it or watch over it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from participate.accounts import queries as accounts
from participate.cases import queries
from participate.cases.models import Case
from participate.cases.routing import area_at, level_of, officer_for
from participate.cases.workflow import CASE, FILE, FOLLOWS, OPEN_STATES
from participate.catalogue import queries as catalogue
from participate.catalogue.service import calendar
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import one, transaction
from participate.kernel.errors import Fault, Invalid, Missing
from participate.kernel.ids import new_id, new_reference
from participate.kernel.workflow import THE_SYSTEM, Actor, apply, begin, locked
from participate.photos import service as photos
from participate.submissions import queries as submissions
from participate.submissions.service import follow

# What holds where the catalogue names no condition, and for the duties that it does not know.
DEFAULT_LIMIT = (3, "work_day")
LIMITS = {"dispatch": (4, "work_hour"), "accept": (2, "work_hour"), "verify": (2, "work_day")}
NEEDS_PHOTO = {"snap_report"}
_TITLE = 120


def open_case(submission_id: str) -> None:
    """Open the case of an accepted submission and dispatch it, where its place has an officer; once."""
    with transaction() as session:
        brief = submissions.brief(submission_id)
        if brief.state != "accepted" or one(select(Case.id).where(Case.submission_id == submission_id)):
            return
        place = brief.cell or brief.area
        case = Case(
            id=new_id(),
            reference=new_reference(),
            submission_id=submission_id,
            kind=brief.kind,
            title=(brief.title or brief.body.strip().splitlines()[0])[:_TITLE],
            category=brief.category,
            condition=brief.details.get("condition"),
            level=level_of(place),
            area=place,
            cell=brief.cell,
            opened_at=now(),
            updated_at=now(),
        )
        case.state, case.version = CASE.initial, 1
        case.due_at = _start(case, "resolve")
        session.add(case)
        session.flush()
        begin(CASE, case, FILE, THE_SYSTEM)
        officer = officer_for(brief.kind, brief.cell, brief.area, brief.author_id)
        if officer is None:
            _start(case, "dispatch")
            follow(submission_id, None, case.due_at)
        else:
            _move(case, "dispatch", THE_SYSTEM, {"to": {"assignee": officer}})


def move(caller: Caller, case_id: str, name: str, fields: dict[str, Any], expected_version: int | None = None) -> None:
    """Make a move that the case offers. Raises Missing where the caller may not see it."""
    queries.case(caller, case_id)
    with transaction():
        case = locked(Case, case_id)
        _move(case, name, queries.actor(caller, case), fields, expected_version)


def _move(case: Case, name: str, actor: Actor, fields: dict[str, Any], expected_version: int | None = None) -> None:
    given = {"photo"} if fields.get("photo_ids") or case.kind not in NEEDS_PHOTO else set[str]()
    given |= {"to"} if fields.get("to") else set()
    given |= {"note"} if actor is THE_SYSTEM else set()  # A clock gives no reasons; its duty says it all.
    made = apply(
        CASE,
        case,
        name,
        actor,
        note=fields.get("note"),
        given=given,
        expected_version=expected_version,
        shown={name: fields[name] for name in ("answer_class", "duty") if fields.get(name)},
    )
    _CHANGES.get(name, _nothing)(case, actor, fields)
    case.open, case.updated_at = case.state in OPEN_STATES, now()
    due = {duty: _start(case, duty) for duty in made.starts}
    case.due_at = due.get("resolve") or due.get("verify") or case.due_at
    if case.state != "cancelled":  # Then the submission has gone ahead: its author took it back.
        follow(case.submission_id, FOLLOWS.get(name), case.due_at if case.open else None, case.unit)


def _start(case: Case, duty: str) -> datetime:
    """Set the duty's deadline on the working calendar."""
    amount, clock = _limit(case) if duty == "resolve" else LIMITS[duty]
    due = calendar().due_at(now(), amount, clock)
    deadlines.start("case", case.id, duty, clock, due)
    return due


def _limit(case: Case) -> tuple[int, str]:
    if case.category is None:
        return DEFAULT_LIMIT
    try:
        return catalogue.limit_for(case.category, case.condition)
    except Missing:
        return DEFAULT_LIMIT


def _resolved(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    case.resolved_by = actor.account_id
    photos.attach(fields.get("photo_ids", []), actor.account_id or "", case.submission_id, "after")


def _handed(case: Case, _actor: Actor, fields: dict[str, Any]) -> None:
    """Give the case to an account or a unit. Raises Invalid for one that cannot handle it."""
    assignee, unit = fields["to"].get("assignee"), fields["to"].get("unit")
    if (assignee is None) == (unit is None):
        raise Invalid(Fault("to", "one_holder"))
    if assignee is not None and not accounts.handles(assignee, case.area):
        raise Invalid(Fault("to.assignee", "no_handler"))
    if unit is not None and catalogue.unit(unit) is None:
        raise Invalid(Fault("to.unit", "unknown_code"))
    case.assignee, case.unit = assignee, unit


def _raised(case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    """One level up, in the same hands."""
    case.level += 1
    case.area = area_at(case.area, case.level) if case.area else None


def _lifted(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    """One level up, to whoever dispatches there."""
    _raised(case, actor, fields)
    case.assignee = case.unit = None


def _nothing(_case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    """Most moves change the state alone."""


_CHANGES = {"resolve": _resolved, "dispatch": _handed, "reassign": _handed, "escalate": _lifted, "pass_up": _raised}


def by_system(submission_id: str, name: str, note: str | None = None) -> None:
    """Let the case of a submission follow what its author or a clock has done; where it cannot, it stays."""
    found = queries.of_submission(submission_id)
    if found is None:
        return
    with transaction():
        case = locked(Case, found.id)
        if name in CASE.offered(case, THE_SYSTEM):
            _move(case, name, THE_SYSTEM, {"note": note})


def overdue(case_id: str, duty: str) -> None:
    """The level's time for `duty` is up: the level above takes the case, as far as there is one.

    Nothing happens where it was done before the worker looked, or where another missed duty has moved it up already.
    """
    upward = "pass_up" if duty == "verify" else "escalate"
    with transaction():
        case = locked(Case, case_id)
        if deadlines.missed(case_id, duty) and upward in CASE.offered(case, THE_SYSTEM):
            _move(case, upward, THE_SYSTEM, {"duty": duty})
