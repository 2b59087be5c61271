"""A case's verbs: opened by acceptance, moved by those who hold it or watch over it."""

from typing import Any

from participate.cases import clocks, holdings, judges, opening, queries, steps
from participate.cases.cohandlers import service as cohandlers
from participate.cases.dispatch import service as dispatch
from participate.cases.figures import service as figures
from participate.cases.found import sampling
from participate.cases.guards import UNDONE
from participate.cases.models import Case
from participate.cases.routing import reach_above
from participate.cases.workflow import CASE, FOLLOWS, OPEN_STATES
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import transaction
from participate.kernel.workflow import SYSTEM, THE_SYSTEM, Actor, apply, locked
from participate.submissions import queries as submissions
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
            follow(submission_id, None, case.due_at)
        else:
            make(case, "dispatch", THE_SYSTEM, {"to": to})


def move(caller: Caller, case_id: str, name: str, fields: dict[str, Any], expected_version: int | None = None) -> None:
    """Make a move that the case offers. Raises Missing where the caller may not see it."""
    queries.case(caller, case_id)
    with transaction():
        case = locked(Case, case_id)
        actor = queries.actor(caller, case)
        if name in judges.JUDGING and name in CASE.offered(case, actor):
            judges.stranger(case, caller, name)
        if name == "take_back":
            fields = fields | {"to_area": reach_above(caller, case.area, case.level)}
        if name == "uphold":  # They have said that it is not resolved, and that stands beside the answer.
            fields = fields | {"rating": submissions.rating(case.submission_id)}
        again = name == "object" and case.objected
        make(case, name, actor, fields, expected_version)
        if name == "verify" and case.found:
            make(case, "let_stand", THE_SYSTEM, {})
        if again and "escalate" in CASE.offered(case, THE_SYSTEM):
            make(case, "escalate", THE_SYSTEM, {"note": fields["note"]})
        if name == "assign_down" and fields.get("to"):
            make(case, "dispatch", Actor.of(caller.account_id, SYSTEM), {"to": fields["to"]})


def make(case: Case, name: str, actor: Actor, fields: dict[str, Any], expected_version: int | None = None) -> None:
    """Make a move on a case that is locked; its clocks, holders, figures and submission follow. Raises as `apply`."""
    given = {name for name in ("to", "to_area", "due_at", "waits_for") if fields.get(name)}
    given |= {"photo"} if fields.get("photo_ids") or not steps.must_show(case, name, fields) else set()
    given |= {"note"} if actor is THE_SYSTEM else set()  # A clock gives no reasons; its duty says it all.
    before = holdings.hands(case)
    made = apply(
        CASE,
        case,
        name,
        actor,
        note=fields.get("note"),
        given=given,
        expected_version=expected_version,
        shown=steps.shown(case, name, fields),
    )
    steps.CHANGES.get(name, steps.nothing)(case, actor, fields)
    case.open, case.updated_at = case.state in OPEN_STATES, now()
    ended = holdings.note(case, before)
    if case.cohandlers and _is_anothers_draft(case, before, made.target):
        cohandlers.start_over(case)
    due = {duty: clocks.start(case, duty) for duty in made.starts}
    owed = None if "feedback" in made.stops else case.feedback_due_at
    case.feedback_due_at = due.get("feedback") or owed
    if name != "remind":  # Which leaves it late.
        case.due_at = due.get("resolve") or due.get("verify") or due.get("decide") or case.due_at
    if name in _TO_DO_ANEW:
        clocks.endanger(case)
    case.due_at = min(case.due_at, case.make_safe_due_at or case.due_at)
    figures.moved(case, name, actor, fields, ended)
    if case.state != "cancelled":  # Then the submission has gone ahead: its author took it back.
        follow(case.submission_id, FOLLOWS.get(name), case.due_at if case.open else None, case.unit)


# Whoever has to do it now has to see to the danger first, if nobody has.
_TO_DO_ANEW = frozenset({"escalate", "rework", "reopen", "order_rework"})


def _is_anothers_draft(case: Case, before: dict[str, Any] | None, target: str | None) -> bool:
    """Whether what was drafted counts no more: it has another lead, or is taken up again."""
    return target in {"rework", "cancelled"} or (case.state in UNDONE and holdings.hands(case) != before)


def by_system(submission_id: str, name: str, **fields: Any) -> None:
    """Let the case of a submission follow what its author or a clock has done; where it cannot, it stays."""
    found = queries.of_submission(submission_id)
    if found is None:
        return
    with transaction():
        case = locked(Case, found.id)
        if name in CASE.offered(case, THE_SYSTEM):
            make(case, name, THE_SYSTEM, fields)


def resume(case_id: str) -> None:
    """The time for which a case could wait for others is up."""
    with transaction():
        case = locked(Case, case_id)
        if deadlines.missed(case_id, "resume") and "resume" in CASE.offered(case, THE_SYSTEM):
            make(case, "resume", THE_SYSTEM, {})


def overdue(case_id: str, duty: str) -> None:
    """The level's time for `duty` is up: the level above takes the case, as far as there is one.

    What its finder has mended, and nobody was chosen to verify, is closed by that, once its photos are looked through.

    Nothing happens where it was done before the worker looked, or where another missed duty has moved it up already.
    """
    upward = {"verify": ("let_stand", "pass_up"), "decide": ("refer_up", "remind")}.get(duty, ("escalate",))
    with transaction():
        case = locked(Case, case_id)
        possible = [name for name in upward if name in CASE.offered(case, THE_SYSTEM)]
        if not deadlines.missed(case_id, duty) or not possible:
            return
        if possible[0] == "let_stand" and not sampling.is_looked_through(case.submission_id):
            case.due_at = clocks.start(case, "verify")
        else:
            make(case, possible[0], THE_SYSTEM, {"duty": duty})
