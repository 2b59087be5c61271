"""The one way in which a case moves, or a part of it, with all that follows from that."""

from typing import Any

from participate.cases import audits, clocks, holdings, steps, telling
from participate.cases.cohandlers import service as cohandlers
from participate.cases.concern import involve
from participate.cases.figures import service as figures
from participate.cases.guards import UNDONE
from participate.cases.models import Case
from participate.cases.parts.workflow import flow_of
from participate.cases.workflow import DUE_STATES, FOLLOWS, OPEN_STATES
from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.kernel.workflow import THE_SYSTEM, Actor, apply
from participate.submissions.service import follow
from participate.submissions.telling import HEARD


def make(case: Case, name: str, actor: Actor, fields: dict[str, Any], expected_version: int | None = None) -> None:
    """Make a move on a case that is locked; its clocks, holders, figures and submission follow. Raises as `apply`."""
    given = {name for name in _NAMED if fields.get(name)}
    given |= {"photo"} if fields.get("photo_ids") or not steps.must_show(case, name, fields) else set()
    given |= {"note"} if actor is THE_SYSTEM else set()  # A clock gives no reasons; its duty says it all.
    before, seen = holdings.hands(case), telling.seen(case)
    missed = deadlines.overrun(case.id, *figures.COUNTED)
    made = apply(
        flow_of(case),
        case,
        name,
        actor,
        note=fields.get("note"),
        given=given,
        expected_version=expected_version,
        shown=steps.shown(case, name, fields),
        told=audits.told(case, name),
    )
    steps.CHANGES.get(name, steps.nothing)(case, actor, fields)
    case.open, case.updated_at = case.state in OPEN_STATES, now()
    ended = holdings.note(case, before)
    involve(case, actor.account_id, actor.instead_of(made))
    told = made.shown_to in HEARD
    note_word(case, told)
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
    figures.moved(case, name, fields, missed, ended)
    telling.tell(case, name, seen)
    # Parts lead nowhere, and where it is cancelled the submission has gone ahead: its author took it back.
    if case.part_of is None and case.state != "cancelled":
        follow(case.submission_id, FOLLOWS.get(name), case.due_at if case.open else None, case.unit, told)


def note_word(case: Case, told: bool) -> None:
    """Keep when whoever waits for the case was told last; `told` says that it is just now."""
    if case.part_of is not None or case.found or case.state not in DUE_STATES:
        case.told_at = None
    elif told or case.told_at is None:
        case.told_at = now()


_NAMED = ("to", "to_area", "due_at", "waits_for", "title", "part", "answer_class")
# Whoever has to do it now has to see to the danger first, if nobody has.
_TO_DO_ANEW = frozenset({"escalate", "rework", "reopen", "order_rework"})


def _is_anothers_draft(case: Case, before: dict[str, Any] | None, target: str | None) -> bool:
    """Whether what was drafted counts no more: it has another lead, or is taken up again."""
    return target in {"rework", "cancelled"} or (case.state in UNDONE and holdings.hands(case) != before)
