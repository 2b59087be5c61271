"""What a case goes up by, down and back: its level and area, and who has it there."""

from typing import Any

from participate.cases.holders import colleague
from participate.cases.models import Case
from participate.cases.routing import area_at, level_of
from participate.kernel.errors import Fault, Invalid
from participate.kernel.workflow import Actor
from participate.places import queries as places
from participate.submissions.kinds import SEALED

# What a level may lack to carry a case: with a note, the one form in which cases go up by hand.
LACKING = ("authority", "means", "competence", "other_unit", "danger", "time", "other")
_UNSAID = "other"


def form(fields: dict[str, Any]) -> dict[str, Any]:
    """What the record says of why a case goes up: what is lacking, or which duty was missed."""
    return {"duty": fields["duty"]} if fields.get("duty") else {"lacking": fields.get("lacking") or _UNSAID}


def raised(case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    """One level up, in the same hands."""
    case.level += 1
    case.area = area_at(case.area, case.level) if case.area else None


def lifted(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    """One level up, to whoever dispatches there, with time of its own."""
    raised(case, actor, fields)
    _let_go(case)
    case.left_ms = case.left_clock = case.waits_for = None
    case.extensions = 0


def sent_down(case: Case, to_area: str, to: dict[str, Any] | None, author: str | None) -> None:
    """To a level below in the case's own area, where `to` gets it next, or whoever dispatches there names somebody.

    Its time to resolve it runs on, and so do the extensions that it had. Raises Invalid for an area that is not below
    or that nobody knows, for a holder that cannot have it, and for what is sealed without a holder: no dispatcher may
    see that, so nobody would find it.
    """
    if not to_area.startswith(case.area or " ") or level_of(to_area) >= case.level or places.area(to_area) is None:
        raise Invalid(Fault("to_area", "not_below"))
    case.area, case.level = to_area, level_of(to_area)
    _let_go(case)
    if to is not None and author is not None and to.get("assignee") == author:
        raise Invalid(Fault("to.assignee", "no_handler"))
    if case.kind == SEALED:
        colleague(to or {}, case, {author})


def taken_back(case: Case, _actor: Actor, fields: dict[str, Any]) -> None:
    """To the level of `to_area`, which holds the case's; its time to resolve it runs on."""
    case.area, case.level = fields["to_area"], level_of(fields["to_area"])
    _let_go(case)


def _let_go(case: Case) -> None:
    """Nobody has it, and whoever gets it now may still say that it is not theirs."""
    case.assignee = case.unit = case.extension_until = None
    case.objected = case.designated = False


def name_of(area: str) -> str:
    """What an area is called; its code where nobody knows."""
    found = places.area(area)
    return str(found.name) if found else area
