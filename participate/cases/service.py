"""A case's verbs: opened by acceptance, moved by those who hold it or watch over it."""

from typing import Any

from sqlalchemy import select

from participate.cases import clocks, holdings, judges, levels, queries, replies
from participate.cases.cohandlers import service as cohandlers
from participate.cases.commitments import service as commitments
from participate.cases.dispatch import service as dispatch
from participate.cases.figures import service as figures
from participate.cases.guards import UNDONE
from participate.cases.holders import colleague, named
from participate.cases.models import Case
from participate.cases.routing import level_of, reach_above
from participate.cases.workflow import CASE, FILE, FOLLOWS, OPEN_STATES
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import one, transaction
from participate.kernel.errors import Conflict, Fault, Invalid
from participate.kernel.ids import new_id, new_reference
from participate.kernel.workflow import SYSTEM, THE_SYSTEM, Actor, apply, begin, locked
from participate.photos import service as photos
from participate.submissions import queries as submissions
from participate.submissions.service import follow

NEEDS_PHOTO = {"snap_report"}
_TITLE = 120


def open_case(submission_id: str) -> None:
    """Open the case of an accepted submission and dispatch it, where the rules lead to somebody; once."""
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
        case.due_at = clocks.start(case, "resolve")
        clocks.endanger(case)
        case.due_at = min(case.due_at, case.make_safe_due_at or case.due_at)
        session.add(case)
        session.flush()
        begin(CASE, case, FILE, THE_SYSTEM)
        figures.opened(case)
        to = dispatch.route(case, brief.author_id).to
        if to is None:
            clocks.start(case, "dispatch")
            holdings.note(case, None)
            follow(submission_id, None, case.due_at)
        else:
            _move(case, "dispatch", THE_SYSTEM, {"to": to})


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
        _move(case, name, actor, fields, expected_version)
        if again and "escalate" in CASE.offered(case, THE_SYSTEM):
            _move(case, "escalate", THE_SYSTEM, {"note": fields["note"]})
        if name == "assign_down" and fields.get("to"):
            _move(case, "dispatch", Actor.of(caller.account_id, SYSTEM), {"to": fields["to"]})


def _move(case: Case, name: str, actor: Actor, fields: dict[str, Any], expected_version: int | None = None) -> None:
    given = {name for name in ("to", "to_area", "due_at", "waits_for") if fields.get(name)}
    given |= {"photo"} if fields.get("photo_ids") or not _must_show(case, name, fields) else set()
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
        shown=_shown(case, name, fields),
    )
    _CHANGES.get(name, _nothing)(case, actor, fields)
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


def _must_show(case: Case, name: str, fields: dict[str, Any]) -> bool:
    """What is said to be done can be seen; what is not done is explained."""
    is_done = name == "make_safe" or fields.get("answer_class") in {None, replies.DONE}
    return case.kind in NEEDS_PHOTO and is_done


_SHOWN = {
    "accept": ("made_at",),
    "take": ("made_at",),
    "resolve": ("answer_class",),
    "pause": ("waits_for", "due_at"),
    "extend": ("due_at",),
}


def _shown(case: Case, move: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What of a move's fields stands in the timeline; of a clock's, the duty that was missed."""
    if move == "escalate":
        return levels.form(fields)
    if move == "make_safe":
        return {"day": clocks.day(clocks.to_do(case))}
    said = {name: fields[name] for name in _SHOWN.get(move, ("duty",)) if fields.get(name)}
    if move in {"assign_down", "take_back"} and fields.get("to_area"):
        said["area"] = levels.name_of(fields["to_area"])
    return said | {name: said[name].isoformat() for name in ("due_at", "made_at") if name in said}


def _invited(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    cohandlers.invite(case, actor, fields["to"])


def _proposed(case: Case, _actor: Actor, fields: dict[str, Any]) -> None:
    replies.check(fields["note"], _must_show(case, "propose", fields))
    case.draft = replies.draft(fields)
    cohandlers.ask_all(case)


def _resolved(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    if case.draft is not None and case.draft != replies.draft(fields):
        raise Invalid(Fault("note", "not_as_countersigned"))
    replies.check(fields["note"], bool(fields.get("photo_ids")))
    case.resolved_by, case.answer_class = actor.account_id, fields.get("answer_class") or replies.DONE
    if case.make_safe_due_at is not None and case.answer_class != replies.DONE:
        raise Conflict("not_safe_yet")
    case.make_safe_due_at = None
    case.extension_until = None
    photos.attach(fields.get("photo_ids", []), actor.account_id or "", case.submission_id, "after")
    commitments.supersede(case.id)
    if case.answer_class == replies.PLANNED:
        commitments.promise(case, actor, fields)


def _made_safe(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    replies.check(fields["note"], is_shown=True)
    photos.attach(fields.get("photo_ids", []), actor.account_id or "", case.submission_id, "after")
    clocks.avert(case)


def _cancelled(case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    case.make_safe_due_at = None


def _handed(case: Case, _actor: Actor, fields: dict[str, Any]) -> None:
    """Give the case to an account or a unit. Raises Invalid for one that cannot handle it."""
    case.assignee, case.unit = named(fields["to"], case.area)
    case.extension_until, case.designated = None, case.objected


def _rehanded(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    _handed(case, actor, fields)
    case.designated = False


def _taken(case: Case, actor: Actor, _fields: dict[str, Any]) -> None:
    if submissions.brief(case.submission_id).author_id == actor.account_id:
        raise Conflict("own_submission")
    case.assignee = actor.account_id


def _handed_over(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    """The unit stays, where one has it."""
    author = submissions.brief(case.submission_id).author_id
    case.assignee = colleague(fields["to"], case, {actor.account_id, author})
    case.extension_until, case.designated = None, False


def _objected(case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    """Whom the dispatcher names now does not send it back; where another gets it who objects too, it goes up."""
    case.objected = True


def _paused(case: Case, _actor: Actor, fields: dict[str, Any]) -> None:
    clocks.pause(case, fields)
    case.extension_until = None


def _asked(case: Case, _actor: Actor, fields: dict[str, Any]) -> None:
    clocks.ask(case, fields)


def _granted(case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    clocks.grant(case)


def _refused(case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    case.extension_until = None


def _sent_down(case: Case, _actor: Actor, fields: dict[str, Any]) -> None:
    levels.sent_down(case, fields["to_area"], fields.get("to"), submissions.brief(case.submission_id).author_id)


def _nothing(_case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    """Most moves change the state alone."""


_CHANGES = {
    "make_safe": _made_safe,
    "cancel": _cancelled,
    "invite": _invited,
    "propose": _proposed,
    "resolve": _resolved,
    "dispatch": _handed,
    "take": _taken,
    "hand_over": _handed_over,
    "object": _objected,
    "reassign": _rehanded,
    "assign_down": _sent_down,
    "take_back": levels.taken_back,
    "escalate": levels.lifted,
    "pass_up": levels.raised,
    "refer_up": levels.raised,
    "pause": _paused,
    "extend": _asked,
    "approve_extension": _granted,
    "refuse_extension": _refused,
}


def by_system(submission_id: str, name: str, **fields: Any) -> None:
    """Let the case of a submission follow what its author or a clock has done; where it cannot, it stays."""
    found = queries.of_submission(submission_id)
    if found is None:
        return
    with transaction():
        case = locked(Case, found.id)
        if name in CASE.offered(case, THE_SYSTEM):
            _move(case, name, THE_SYSTEM, fields)


def resume(case_id: str) -> None:
    """The time for which a case could wait for others is up."""
    with transaction():
        case = locked(Case, case_id)
        if deadlines.missed(case_id, "resume") and "resume" in CASE.offered(case, THE_SYSTEM):
            _move(case, "resume", THE_SYSTEM, {})


def overdue(case_id: str, duty: str) -> None:
    """The level's time for `duty` is up: the level above takes the case, as far as there is one.

    Nothing happens where it was done before the worker looked, or where another missed duty has moved it up already.
    """
    upward = {"verify": ("pass_up",), "decide": ("refer_up", "remind")}.get(duty, ("escalate",))
    with transaction():
        case = locked(Case, case_id)
        possible = [name for name in upward if name in CASE.offered(case, THE_SYSTEM)]
        if deadlines.missed(case_id, duty) and possible:
            _move(case, possible[0], THE_SYSTEM, {"duty": duty})
