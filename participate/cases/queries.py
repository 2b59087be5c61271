"""Reads of cases, within each reader's scope."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased

from participate.cases import stead
from participate.cases.cohandlers.models import CoHandler
from participate.cases.concern import not_kept
from participate.cases.guards import ASSIGNEE, SUPERIOR, SUPERVISING
from participate.cases.models import Case
from participate.cases.parts.workflow import flow_of
from participate.cases.routing import area_at, reach_above
from participate.cases.workflow import DUE_STATES, OPEN_STATES
from participate.kernel import gauges
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, one, rows
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope, roles_for, said
from participate.kernel.words import say
from participate.kernel.workflow import Actor, TimelineEntry
from participate.submissions.kinds import SEALED

ROLES = ("grid_officer", "dispatcher", "handler", "supervisor", "auditor")
VIEWS = ("mine", "area", "unit", "overdue", "unrouted", "silent", "withheld", "sampled")
VERIFIERS = ("dispatcher", "supervisor", "auditor")  # They, or watch over them; who has found it is not told.
COLUMNS = tuple(Case.__table__.columns)
_LEAD = select(*COLUMNS).where(Case.submission_id == bindparam("of"), Case.part_of.is_(None))
# Few, by an index of their own; asked apart, or SQLite would rather go through all in the reader's scope.
_other = aliased(Case)
_OPEN = frozenset({"withheld", "sampled", "silent"})
_SAMPLED = select(_other.id).where(_other.sampled.is_(True))
_WITHHELD = select(_other.id).where(_other.withheld > said(0, _other.withheld))


def _mine_to_see(caller: Caller, stands: bool, *given: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that `:me` holds the case or it is `given` to them, or that it lies in their role's scope.

    Who `stands` in for others sees what these have, but for what is sealed.
    """
    held = Case
    theirs = or_(held.assignee == stead.ME, *given, *([stead.held(caller)] if stands else []))
    reach = or_(theirs, in_scope(caller, ROLES, held.area, held.unit))
    watchers = or_(theirs, in_scope(caller, ("supervisor", "auditor"), held.area))
    open_to_them = and_(reach, or_(held.kind != SEALED, watchers), not_kept(caller.grants))
    watching = caller.units("supervisor")
    return or_(open_to_them, _watched_by(watching)) if watching else open_to_them


def _watched_by(units: Collection[str]) -> ColumnElement[bool]:
    """The condition that one of the units watches over the case by the catalogue; never what is sealed."""
    return and_(Case.supervising_unit.in_(units), Case.kind != SEALED)


def _cohandles(caller: Caller, stands: bool) -> ColumnElement[bool]:
    """The condition that `:me`, or a unit for which they handle, is a co-handler of the case.

    So it is where who `stands` in for others does so for a co-handler.
    """
    too = CoHandler
    own = exists().where(
        too.case_id == Case.id, too.open, or_(too.account == stead.ME, too.unit.in_(caller.units("handler")))
    )
    if not stands:
        return own
    lent = exists().where(too.case_id == Case.id, too.open, too.account.in_(stead.ABSENT))
    return or_(own, and_(lent, stead.may_see(caller)))


def _leads(caller: Caller, stands: bool) -> ColumnElement[bool]:
    """The condition that `:me`, or a unit for which they handle, has the lead of which the case is a part."""
    whose = or_(_other.assignee == stead.ME, _other.unit.in_(caller.units("handler")))
    own = exists().where(_other.id == Case.part_of, whose)
    if not stands:
        return own
    lent = exists().where(_other.id == Case.part_of, _other.assignee.in_(stead.ABSENT))
    return or_(own, and_(lent, stead.may_see(caller)))


# Put together once for each scope: that takes several times as long as running it.
@lru_cache(maxsize=256)
def listed(
    grants: tuple[Grant, ...], view: str, of_cell: bool = False, stands: bool = False
) -> tuple[AnySelect, tuple[Any, Any]]:
    """The open cases of one view at the moment `:now`, for the caller `:me`, and the keys of their order.

    Those left in silence are those whose submitter has heard nothing from their holders `:since` then.

    Of one `:cell` where that is said, and of those, too, who are `:absent`, where the caller `stands` in for somebody.
    """
    held, caller = Case, Caller(grants=grants)
    narrowed = {
        "mine": held.assignee == stead.ME,
        "area": in_scope(caller, ROLES, held.area),
        "unit": held.unit.in_(caller.units(*ROLES)),
        "overdue": and_(held.due_at < bindparam("now"), held.state.in_(DUE_STATES)),
        "unrouted": held.state.in_(("filed", "objected")),
        "silent": held.told_at <= bindparam("since"),
        "withheld": held.id.in_(_WITHHELD),
        "sampled": and_(held.id.in_(_SAMPLED), in_scope(caller, VERIFIERS, held.area), _another_has_it(stands)),
    }[view]
    asked = [stead.asked_by_me(held.submission_id)] if stands else []
    in_stead = [part.add_columns(*asked) for part in stead.listed(caller)] if stands and view == "mine" else []
    told = [*([stead.NOBODYS] if in_stead else []), *asked]  # For whom each is, where some are for others.
    found = select(*COLUMNS, *told).where(_mine_to_see(caller, stands), narrowed)
    if view not in _OPEN:  # Those are all open; and databases would rather take the index that says so.
        found = found.where(held.open)
    parts = [found, *(part.add_columns(*told) for part in _to_countersign(caller, view, stands)), *in_stead]
    parts += [part.add_columns(*told) for part in _to_watch(caller, view)]
    if of_cell:
        parts = [part.where(held.cell == bindparam("cell")) for part in parts]
    if len(parts) == 1:
        return parts[0], (held.told_at if view == "silent" else held.due_at, held.id)
    both = union_all(*parts).subquery()
    return select(both), (both.c.due_at, both.c.id)


def _another_has_it(stands: bool) -> ColumnElement[bool]:
    """The condition that it is neither `:me` who has the case, nor one of those whom they stand in for."""
    return stead.nobody_of_these() if stands else Case.assignee.is_distinct_from(stead.ME)


def _to_countersign(caller: Caller, view: str, stands: bool) -> list[AnySelect]:
    """What waits for the caller's countersigning, or for that of a unit of theirs, beside what they or it hold.

    Apart from the rest: each part comes from an index of its own, which no OR of the two would. That it is open need
    not be asked, since nothing waits where a case is over; SQLite would go through all that are open for it.
    """
    held, too, units = Case, CoHandler, caller.units("handler")
    theirs: dict[str, tuple[ColumnElement[bool], ColumnElement[bool]]] = {
        "mine": (too.account == stead.ME, _another_has_it(stands)),
        "unit": (too.unit.in_(units), or_(held.unit.is_(None), held.unit.not_in(units))),
    }
    if view not in theirs:
        return []
    whose, besides = theirs[view]
    waiting = select(too.case_id).where(too.waits, whose)
    return [select(*COLUMNS).where(held.id.in_(waiting), besides, not_kept(caller.grants))]


def _to_watch(caller: Caller, view: str) -> list[AnySelect]:
    """What the caller's units watch over beside what they have, or are to countersign; from an index of its own."""
    watching, units = caller.units("supervisor"), caller.units(*ROLES)
    if view != "unit" or not watching:
        return []
    waiting = select(CoHandler.case_id).where(CoHandler.waits, CoHandler.unit.in_(caller.units("handler")))
    others = or_(Case.unit.is_(None), Case.unit.not_in(units)), Case.id.not_in(waiting)
    return [select(*COLUMNS).where(_watched_by(watching), Case.open, *others)]


def case(caller: Caller, case_id: str) -> AnyRow:
    """One case. Raises Missing outside the caller's scope."""
    found = one(_case(caller.grants, bool(caller.stands_for)), {"id": case_id} | stead.asking(caller))
    if found is None:
        raise Missing
    return found


@lru_cache(maxsize=256)
def _case(grants: tuple[Grant, ...], stands: bool) -> AnySelect:
    caller = Caller(grants=grants)
    given = _cohandles(caller, stands), _leads(caller, stands)
    asked = [stead.asked_by_me(Case.submission_id)] if stands else []
    return select(*COLUMNS, *asked).where(Case.id == bindparam("id"), _mine_to_see(caller, stands, *given))


def row_of(case_id: str) -> AnyRow:
    """One case, for whoever has just moved it and may no longer be in scope. Raises Missing."""
    found = one(select(*COLUMNS).where(Case.id == case_id))
    if found is None:
        raise Missing
    return found


def of_submission(submission_id: str) -> AnyRow | None:
    """The case of a submission, if it has one: the lead, whatever parts others handle."""
    return one(_LEAD, {"of": submission_id})


_FINAL = (
    select(TimelineEntry.note)
    .where(TimelineEntry.subject_id == bindparam("of"), TimelineEntry.move == "resolve")
    .order_by(TimelineEntry.version.desc())
    .limit(1)
)


def final_reply(case_id: str) -> str:
    """What its holder has said last of how it was resolved. Raises Missing where nobody has."""
    found = one(_FINAL, {"of": case_id})
    if found is None:
        raise Missing
    return str(found.note)


_HANDS = select(Case.submission_id, Case.level, Case.area, Case.unit).where(
    Case.submission_id.in_(bindparam("ids", expanding=True)), Case.part_of.is_(None)
)


def hands(submission_ids: Collection[str]) -> Sequence[AnyRow]:
    """In whose hands the cases of submissions are: `submission_id, level, area, unit`."""
    return rows(_HANDS, {"ids": list(submission_ids)})


def handling_area(row: Any) -> str:
    """The area of the level that has a case, which lies in one; its cell is the officer's own."""
    return area_at(row.area, row.level)


def actor(caller: Caller, row: Any) -> Actor:
    """The caller with the roles that it holds towards this case."""
    roles = roles_for(caller, row.area, row.unit)
    handles_unit = row.unit is not None and row.unit in caller.units("handler")
    if row.assignee == caller.account_id or handles_unit:
        roles |= {ASSIGNEE}
    if reach_above(caller, row.area, row.level) is not None:
        roles |= {SUPERIOR}
    if ASSIGNEE not in roles and row.kind != SEALED and row.supervising_unit in caller.units("supervisor"):
        roles |= {SUPERVISING}
    if ASSIGNEE not in roles and stead.lends(row.assignee, row.kind, caller, roles):
        return Actor(caller.account_id, roles | {ASSIGNEE}, caller.stands_for, {ASSIGNEE: row.assignee})
    return Actor(caller.account_id, roles, caller.stands_for)


# Every step of the case and of its submission, with notes, for those who handle it.
TIMELINE = select(
    TimelineEntry.at,
    TimelineEntry.subject_type,
    TimelineEntry.move,
    TimelineEntry.source,
    TimelineEntry.target,
    TimelineEntry.actor_role,
    TimelineEntry.actor_id,
    TimelineEntry.instead_of,
    TimelineEntry.note,
    TimelineEntry.data,
    TimelineEntry.data.label("brought"),
    TimelineEntry.id,
).where(TimelineEntry.thread_id == bindparam("thread"))


def present(row: AnyRow, caller: Caller, language: str) -> dict[str, Any]:
    """A case as the API shows it to this caller."""
    towards = actor(caller, row)
    may_know = bool(towards.roles.intersection(VERIFIERS)) and row.assignee not in towards.persons
    return {
        "id": row.id,
        "reference": row.reference,
        "submission_id": row.submission_id,
        "part_of": row.part_of,
        "kind": row.kind,
        "title": row.title,
        "category": row.category,
        "state": row.state,
        "stage": flow_of(row).stages[row.state],
        "level": row.level,
        "area": row.area,
        "cell": row.cell,
        "unit": row.unit,
        "assignee": row.assignee,
        "instead_of": getattr(row, "instead_of", None) or towards.lent.get(ASSIGNEE),
        "due_at": row.due_at,
        "make_safe_due_at": row.make_safe_due_at,
        "made_safe_at": row.made_safe_at,
        "overdue": row.state in DUE_STATES and row.due_at < now(),
        "waits_for": row.waits_for,
        "extension_until": row.extension_until,
        "extensions": row.extensions,
        "answer_class": row.answer_class,
        "warned": row.warned,
        "feedback_due_at": row.feedback_due_at,
        "unsigned": row.unsigned,
        "parts_open": row.parts_open,
        "opened_at": row.opened_at,
        "told_at": row.told_at,
        "found": row.found,
        "sampled": row.sampled if may_know else None,
        "flags": [{"code": code, "why": say(f"flag.{code}", language)} for code in row.flags],
        "moves": stead.offered(flow_of(row), row, towards, row),
        "version": row.version,
    }


def waiting(connection: Connection) -> dict[str, int]:
    """How many open cases there are in each state, and how many of all are over their time."""
    held = Case
    running = select(held.state).where(held.open).limit(gauges.MOST).subquery()
    by_state = connection.execute(select(running.c.state, func.count()).group_by(running.c.state))
    found = dict.fromkeys((f"case_{state}" for state in OPEN_STATES), 0)
    found |= {f"case_{state}": number for state, number in by_state}
    late = select(held.id).where(held.open, held.due_at < now(), held.state.in_(DUE_STATES))
    return found | {"overdue": gauges.counted(connection, late)}
