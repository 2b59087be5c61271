"""A part's beginning and end: made of a case, taken up again or dropped by its desk, and over when the case is."""

from types import SimpleNamespace
from typing import Any

from participate.cases import clocks, holdings, telling
from participate.cases.figures import service as figures
from participate.cases.holders import asker, partner
from participate.cases.making import make
from participate.cases.models import Case
from participate.cases.parts import queries
from participate.cases.parts.workflow import ENTRUST, OPEN_STATES, PART
from participate.cases.routing import level_of
from participate.kernel.clock import now
from participate.kernel.db import db
from participate.kernel.errors import Conflict, Fault, Invalid
from participate.kernel.ids import new_id, new_reference
from participate.kernel.workflow import SYSTEM, THE_SYSTEM, Actor, begin, locked
from participate.places import queries as places
from participate.submissions.kinds import SEALED

# What the lead's desk does to one of its parts: the state that it must be in, and the part's own move.
_TO_ONE = {"reopen_part": (("closed",), "reopen"), "drop_part": (OPEN_STATES, "cancel")}
DIVIDING = frozenset({"divide", *_TO_ONE})
COMPLETING = "verify"  # The move by which a part is done, which its lead counts.


def prepared(lead: Case, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of one of the moves DIVIDING with the part's `reference`, new or known.

    Raises Invalid for a part for nobody, or one that the case does not have, Conflict for one in another state.
    """
    if name == "divide":
        if not fields.get("to") and not fields.get("to_area"):
            raise Invalid(Fault("to", "required"))
        return fields | {"reference": new_reference()}
    if not fields.get("part"):
        return fields  # The table says that it is lacking.
    found = next((row for row in queries.of_lead(lead.id) if row.id == fields["part"]), None)
    if found is None:
        raise Invalid(Fault("part", "unknown_code"))
    if found.state not in _TO_ONE[name][0]:
        raise Conflict("wrong_state")
    return fields | {"reference": found.reference}


def follow(lead: Case, name: str, actor: Actor, fields: dict[str, Any]) -> None:
    """Do to a part what a move of the lead, one of DIVIDING, has just said. Raises Invalid for who cannot have it."""
    if name == "divide":
        _entrust(lead, actor, fields)
    else:
        make(locked(Case, fields["part"]), _TO_ONE[name][1], Actor.of(actor.account_id, SYSTEM), {})
    count(lead)


def end_with(lead: Case) -> None:
    """What is over, whether it was closed or cancelled, takes along those of its parts that are not done."""
    if lead.open or not lead.parts_open:
        return
    for row in queries.of_lead(lead.id):
        if row.open:
            make(locked(Case, row.id), "cancel", THE_SYSTEM, {})
    count(lead)


def count(lead: Case) -> None:
    """What the lead's own guards ask about, kept with it under its lock."""
    states = [row.state for row in queries.of_lead(lead.id)]
    lead.parts, lead.parts_done = len(states), states.count("closed")
    lead.parts_open = len(states) - lead.parts_done - states.count("cancelled")


def _entrust(lead: Case, actor: Actor, fields: dict[str, Any]) -> None:
    part, to = _apart(lead, fields), fields.get("to")
    _check(lead, part, to)
    part.due_at = clocks.start(part, "resolve", clocks.to_do(lead) if lead.left_ms is None else None)
    db.session.add(part)
    db.session.flush()
    begin(PART, part, ENTRUST, actor, shown={"part": part.reference})
    figures.opened(part)
    telling.tell(part, ENTRUST.name, None)
    if to:
        make(part, "dispatch", Actor.of(actor.account_id, SYSTEM), {"to": to})
    else:
        clocks.start(part, "dispatch")
        holdings.note(part, None)


def _apart(lead: Case, fields: dict[str, Any]) -> Case:
    """A part of the case, in nobody's hands yet: where the lead is, or in an area within that."""
    area = fields.get("to_area") or lead.area
    part = Case(
        id=new_id(),
        reference=fields["reference"],
        submission_id=lead.submission_id,
        part_of=lead.id,
        kind=lead.kind,
        title=fields["title"],
        category=lead.category,
        condition=lead.condition,
        supervising_unit=lead.supervising_unit,
        level=level_of(area) if fields.get("to_area") else lead.level,
        area=area,
        cell=lead.cell,
        found=lead.found,
        opened_at=now(),
        updated_at=now(),
    )
    part.state, part.version = PART.initial, 1
    return part


def _check(lead: Case, part: Case, to: dict[str, Any] | None) -> None:
    """Raises Invalid for an area outside the lead's, and for a holder who has the lead or cannot have the part.

    What is sealed goes to a supervisor by name: no dispatcher may see it, so nobody would find it.
    """
    within = part.area == lead.area or (part.area or "").startswith(lead.area or " ")
    if not within or (part.area != lead.area and places.area(part.area or "") is None):
        raise Invalid(Fault("to_area", "not_below"))
    if to or lead.kind == SEALED:
        there = SimpleNamespace(
            submission_id=lead.submission_id, kind=lead.kind, area=part.area, assignee=lead.assignee, unit=lead.unit
        )
        partner(to or {}, there, asker(lead))
