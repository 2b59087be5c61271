"""Tells those who have their cases open what becomes of these."""

from typing import Any

from participate.cases.cohandlers import queries as cohandlers
from participate.cases.models import Case
from participate.cases.queries import ROLES
from participate.kernel import queues
from participate.kernel.auth import Caller
from participate.kernel.queue_streams import Queue
from participate.kernel.scopes import roles_for
from participate.submissions.kinds import SEALED
from participate.submissions.supervisions.barring import is_barred

NAME = "cases"
_WATCHERS = frozenset({"supervisor", "auditor"})


def seen(case: Case) -> dict[str, Any]:
    """What says who may see a case: see `sees`."""
    others = cohandlers.of_case(case.id) if case.cohandlers else ()
    return {
        "kind": case.kind,
        "submission": case.submission_id,
        "area": case.area,
        "unit": case.unit,
        "assignee": case.assignee,
        "with": [each.account or each.unit for each in others],
    }


def tell(case: Case, what: str, before: dict[str, Any] | None) -> None:
    """A locked case has just made a move, or has come; `before` is what was `seen` of it then."""
    of = {"submission_id": case.submission_id, "part_of": case.part_of, "state": case.state}
    queues.tell(NAME, case, what, before, seen(case), **of)


def sees(caller: Caller, seen: dict[str, Any]) -> bool:
    """Whether the caller may see a case; the twin of `queries.case`, but for a lead's holder, who sees its parts."""
    if seen["kind"] == SEALED and ("submission" not in seen or is_barred(caller, seen["submission"])):
        return False
    theirs = {caller.account_id, *caller.units("handler")}
    if seen["assignee"] == caller.account_id or not theirs.isdisjoint(seen["with"]):
        return True
    if seen["kind"] != SEALED and not {seen["assignee"], *seen["with"]}.isdisjoint(caller.stands_for):
        return True
    if seen["kind"] == SEALED:
        return bool(_WATCHERS & roles_for(caller, seen["area"]))
    return not roles_for(caller, seen["area"], seen["unit"]).isdisjoint(ROLES)


QUEUE = Queue(NAME, sees)
