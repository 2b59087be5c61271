"""A case's verbs: opened by acceptance, moved by those who hold it or watch over it."""

from typing import Any

from participate.cases import clocks, holdings, judges, opening, queries, stead
from participate.cases.dispatch import service as dispatch
from participate.cases.figures import service as figures
from participate.cases.found import sampling
from participate.cases.making import make
from participate.cases.models import Case
from participate.cases.parts import service as parts
from participate.cases.parts.workflow import flow_of
from participate.cases.rectifications import queries as rectifications
from participate.cases.routing import reach_above
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.db import transaction
from participate.kernel.errors import Conflict
from participate.kernel.workflow import SYSTEM, THE_SYSTEM, Actor, locked
from participate.submissions import queries as submissions
from participate.submissions.rating import rating as rating_of
from participate.submissions.service import follow


def open_case(submission_id: str) -> None:
    """Open the case of an accepted submission and dispatch it, where the rules lead to somebody; once."""
    with transaction():
        brief = submissions.brief(submission_id)
        if brief.state != "accepted" or queries.of_submission(submission_id) is not None:
            return
        case = opening.file(brief)
        to = dispatch.route(case, brief.author_id).to
        if to is None:
            clocks.start(case, "dispatch")
            holdings.note(case, None)
            follow(submission_id, None, case.due_at, told=True)
        else:
            make(case, "dispatch", THE_SYSTEM, {"to": to})
        # The submission is held by now: whoever takes charge of it from here on finds the case.
        figures.carried(case.id)


def carried(submission_id: str) -> None:
    """Somebody has taken charge of a suggestion, or it is carried on: its case counts that, or will as it opens."""
    found = queries.of_submission(submission_id)
    if found is not None:
        with transaction():
            locked(Case, found.id)
            figures.carried(found.id)


def move(caller: Caller, case_id: str, name: str, fields: dict[str, Any], expected_version: int | None = None) -> None:
    """Make a move that the case offers. Raises Missing where the caller may not see it."""
    leads = queries.case(caller, case_id).part_of
    with transaction():
        # Where a part is done its lead counts it, and has to be held first: it may be about to end, and take it along.
        lead = locked(Case, leads) if leads is not None and name == parts.COMPLETING else None
        case = locked(Case, case_id)
        actor = queries.actor(caller, case)
        if name in flow_of(case).offered(case, actor):
            stead.check(case, actor, flow_of(case).by_name[name])
            fields = _prepared(case, caller, name, fields)
        again = name == "object" and case.objected
        make(case, name, actor, fields, expected_version)
        if again and _can(case, "escalate"):
            make(case, "escalate", THE_SYSTEM, {"note": fields["note"]})
        if name == "assign_down" and fields.get("to"):
            make(case, "dispatch", Actor.of(caller.account_id, SYSTEM), {"to": fields["to"]})
        if name == "verify" and _can(case, "let_stand"):
            make(case, "let_stand", THE_SYSTEM, {})
        if name == "verify" and case.answer is not None and _can(case, "publish"):
            make(case, "publish", THE_SYSTEM, {"note": case.answer["note"]})
        if name in parts.DIVIDING:
            parts.follow(case, name, actor, fields)
        if lead is not None:
            parts.count(lead)
        parts.end_with(case)


def _prepared(case: Case, caller: Caller, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What a move brings along besides what was said. Raises Conflict for who may not judge, and as parts do."""
    if name in judges.JUDGING and (barred := judges.refusal(case, caller, name)):
        raise Conflict(barred)
    if name in {"exclude", "include"}:
        figures.check_excluded(case, name)
    if name == "resolve" and rectifications.open_of(case.id) is not None:
        raise Conflict("rectification_open")
    if name == "approve_extension" and stead.stood_in([case.id], caller.account_id):
        raise Conflict("own_work")
    if name in parts.DIVIDING:
        return parts.prepared(case, name, fields)
    if name == "take_back":
        return fields | {"to_area": reach_above(caller, case.area, case.level)}
    if name == "uphold":  # They have said that it is not resolved, and that stands beside the answer.
        return fields | {"rating": rating_of(case.submission_id)}
    return fields


def _can(case: Case, name: str) -> bool:
    """Whether the service itself may make this move now."""
    return name in flow_of(case).offered(case, THE_SYSTEM)


def by_system(submission_id: str, name: str, **fields: Any) -> None:
    """Let the case of a submission follow what its author or a clock has done; where it cannot, it stays."""
    found = queries.of_submission(submission_id)
    if found is None:
        return
    with transaction():
        case = locked(Case, found.id)
        if _can(case, name):
            make(case, name, THE_SYSTEM, fields)
            parts.end_with(case)


def resume(case_id: str) -> None:
    """The time for which a case could wait for others is up; for a unit that puts something right it waits on."""
    with transaction():
        case = locked(Case, case_id)
        if not (deadlines.missed(case_id, "resume") and _can(case, "resume")):
            return
        if rectifications.open_of(case_id) is None:
            make(case, "resume", THE_SYSTEM, {})
        else:  # A clock that nobody could stop with a reply would only run out.
            clocks.wait_on(case)
            follow(case.submission_id, None, case.due_at, case.unit)


def overdue(case_id: str, duty: str) -> None:
    """The level's time for `duty` is up: the level above takes the case, as far as there is one.

    What its finder has mended, and nobody was chosen to verify, is closed by that, once its photos are looked through.

    Nothing happens where it was done before the worker looked, or where another missed duty has moved it up already.
    """
    upward = {"verify": ("let_stand", "pass_up"), "decide": ("refer_up", "remind")}.get(duty, ("escalate",))
    with transaction():
        case = locked(Case, case_id)
        possible = [name for name in upward if _can(case, name)]
        if not deadlines.missed(case_id, duty) or not possible:
            return
        if possible[0] == "let_stand" and not sampling.is_looked_through(case.submission_id):
            case.due_at = clocks.start(case, "verify")
        else:
            make(case, possible[0], THE_SYSTEM, {"duty": duty})
            parts.end_with(case)
