"""What single moves of a case bring along, and what they leave behind in its row."""

from typing import Any

from participate.audit import service as audit
from participate.cases import audits, clocks, holders, levels, replies
from participate.cases.cohandlers import service as cohandlers
from participate.cases.commitments import service as commitments
from participate.cases.figures import service as figures
from participate.cases.found import sampling
from participate.cases.guards import is_audited
from participate.cases.models import Case
from participate.catalogue import queries as catalogue
from participate.kernel.errors import Conflict, Fault, Invalid
from participate.kernel.workflow import Actor
from participate.photos import service as photos
from participate.photos.models import AFTER, DRAFT

NEEDS_PHOTO = {"snap_report"}


def must_show(case: Case, name: str, fields: dict[str, Any]) -> bool:
    """What is said to be done can be seen; what is not done is explained."""
    is_done = name == "make_safe" or fields.get("answer_class") in {None, replies.DONE}
    if is_done and name in {"propose", "resolve"}:
        return photo_required(case)
    return case.kind in NEEDS_PHOTO and is_done


def photo_required(case: Any) -> bool:
    """Whether the final reply that a case, a row, is done has to show it: its condition says so, else its kind."""
    said = catalogue.photo_required(case.category, case.condition)
    return case.kind in NEEDS_PHOTO if said is None else said


_SHOWN = {
    "accept": ("made_at",),
    "take": ("made_at",),
    "settle": ("made_at",),
    "resolve": ("answer_class",),
    "pause": ("waits_for", "due_at"),
    "extend": ("due_at",),
}


def shown(case: Case, move: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What of a move's fields stands in the timeline; of a clock's, the duty that was missed.

    The reference of a part stands in each step of it, and of its lead where that speaks of it.
    """
    part = case.reference if case.part_of else fields.get("reference")
    return _said(case, move, fields) | ({"part": part} if part else {})


def _said(case: Case, move: str, fields: dict[str, Any]) -> dict[str, Any]:
    if move == "escalate":
        return levels.form(fields)
    if move == "make_safe":
        return {"day": clocks.day(clocks.to_do(case))}
    if move == "publish":
        return audits.published(case)
    if move == "reclassify":
        return {"grade": fields.get("answer_class"), "was": case.answer_class}
    said = {name: fields[name] for name in _SHOWN.get(move, ("duty",)) if fields.get(name)}
    if move in {"assign_down", "take_back"} and fields.get("to_area"):
        said["area"] = levels.name_of(fields["to_area"])
    return said | {name: said[name].isoformat() for name in ("due_at", "made_at") if name in said}


def _invited(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    cohandlers.invite(case, actor, fields["to"])


def _proposed(case: Case, _actor: Actor, fields: dict[str, Any]) -> None:
    _check_class(case, fields)
    _check_reply(case, fields["note"], must_show(case, "propose", fields))
    case.draft = replies.draft(fields)
    cohandlers.ask_all(case)


def _resolved(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    if case.draft is not None and case.draft != replies.draft(fields):
        raise Invalid(Fault("note", "not_as_countersigned"))
    _check_class(case, fields)
    _check_reply(case, fields["note"], bool(fields.get("photo_ids")))
    case.resolved_by, case.answer_class = actor.account_id, fields.get("answer_class") or replies.DONE
    if case.parts_open and case.answer_class == replies.DONE:
        raise Conflict("parts_open")
    if case.make_safe_due_at is not None and case.answer_class != replies.DONE:
        raise Conflict("not_safe_yet")
    case.make_safe_due_at = None
    case.extension_until = None
    purpose = DRAFT if is_audited(case) else AFTER
    photos.attach(fields.get("photo_ids", []), actor.account_id or "", case.submission_id, purpose)
    if case.part_of is not None:
        case.after_photos = [*(case.after_photos or []), *fields.get("photo_ids", [])]
    if is_audited(case):
        audits.hold(case, fields)
        return
    commitments.supersede(case.id)
    if case.answer_class == replies.PLANNED:
        commitments.promise(case, actor, fields["note"], commitments.terms(case, fields))


def _check_reply(case: Case, text: str, is_shown: bool) -> None:
    """Raises Invalid for a final reply that says too little; how often it was stock phrases is counted."""
    try:
        replies.check(text, is_shown)
    except Invalid as fault:
        figures.refused(case.id, fault)
        raise


def _settled(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    replies.check(fields["note"], is_shown=True)
    officer = str(actor.account_id)
    case.assignee = case.resolved_by = officer
    case.answer_class, case.make_safe_due_at = replies.DONE, None
    photos.attach(fields["photo_ids"], officer, case.submission_id, AFTER, "after_photo_ids")
    case.sampled = sampling.choose(case.id, case.submission_id, officer)


def _verified(case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    sampling.judge(case, passed=True)


def _sent_back(case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    sampling.judge(case, passed=False)
    case.answer = None


def _reclassified(case: Case, _actor: Actor, fields: dict[str, Any]) -> None:
    audits.reclassify(case, fields)


def _published(case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    audits.publish(case)


def _check_class(case: Case, fields: dict[str, Any]) -> None:
    """What is promised to all is the lead's to promise. Raises Invalid."""
    if case.part_of is not None and fields.get("answer_class") == replies.PLANNED:
        raise Invalid(Fault("answer_class", "lead_promises"))


def _made_safe(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    replies.check(fields["note"], is_shown=True)
    photos.attach(fields.get("photo_ids", []), actor.account_id or "", case.submission_id, AFTER)
    clocks.avert(case)


def _cancelled(case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    case.make_safe_due_at = None


def _handed(case: Case, _actor: Actor, fields: dict[str, Any]) -> None:
    """Give the case to an account or a unit. Raises Invalid for one that cannot handle it."""
    case.assignee, case.unit = holders.holder(fields["to"], case, holders.asker(case))
    case.extension_until, case.designated = None, case.objected


def _rehanded(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    _handed(case, actor, fields)
    case.designated = False


def _taken(case: Case, actor: Actor, _fields: dict[str, Any]) -> None:
    if holders.asker(case) == actor.account_id:
        raise Conflict("own_submission")
    case.assignee = actor.account_id


def _handed_over(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    """The unit stays, where one has it."""
    case.assignee = holders.colleague(fields["to"], case, {actor.account_id, case.assignee, holders.asker(case)})
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
    levels.sent_down(case, fields["to_area"], fields.get("to"), holders.asker(case))


def _taken_out(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    case.excluded = True
    audit.record("case.excluded", "case", case.id, actor.account_id, fields.get("note"))


def _put_back(case: Case, actor: Actor, fields: dict[str, Any]) -> None:
    case.excluded = False
    audit.record("case.included", "case", case.id, actor.account_id, fields.get("note"))


def _reopened(case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    """What was taken out is what they said of the former answer."""
    case.excluded = False


def nothing(_case: Case, _actor: Actor, _fields: dict[str, Any]) -> None:
    """Most moves change the state alone."""


CHANGES = {
    "exclude": _taken_out,
    "include": _put_back,
    "reopen": _reopened,
    "settle": _settled,
    "verify": _verified,
    "rework": _sent_back,
    "reclassify": _reclassified,
    "publish": _published,
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
