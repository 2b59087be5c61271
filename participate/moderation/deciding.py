"""Decisions on a task: what is changed on the way, what is decided, and who else must agree."""

from dataclasses import asdict, dataclass, field
from typing import Any

from participate.accounts import queries as accounts
from participate.audit import service as audit
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import db, transaction
from participate.kernel.errors import Conflict, Fault, Invalid, Missing
from participate.kernel.workflow import Actor, locked
from participate.moderation import counts, flags, reasons, telling
from participate.moderation.claiming import check_free
from participate.moderation.editing import Edits, edit
from participate.moderation.models import ACTS, ModerationTask
from participate.moderation.queries import tasks
from participate.submissions import amending, merging
from participate.submissions import queries as submissions
from participate.submissions.kinds import SEALED
from participate.submissions.service import moderate
from participate.submissions.supervisions import service as supervisions

# What may be asked of an author, by the name of what the API calls it.
FIELDS = ("title", "body", "category", "place", "details", "photos")
# What no single person may do to a submission that watches over somebody.
_NEEDS_TWO = frozenset({"reject", "hide_photo"})


@dataclass(frozen=True)
class Decision:
    """What is decided (`act` is one of ACTS), and what comes with it; `fields` are those that the author is to mend."""

    act: str
    reason: str | None = None
    note: str | None = None
    fields: tuple[str, ...] = ()
    photo_ids: tuple[str, ...] = ()
    merge_into: str | None = None
    edits: Edits = field(default_factory=Edits)


def decide(caller: Caller, task_id: str, decision: Decision, expected_version: int | None = None) -> None:
    """Decide on a task that nobody else has in hand; of two at once, one has effect.

    To reject a micro-supervision, or to hide a photo of it, takes two people: the first one's decision is kept as a
    proposal, and only another's takes effect. Raises Missing, Stale, Conflict (`decided_already`,
    `claimed_by_another`, `second_person`, or the submission has moved on), and Invalid where something is lacking.
    """
    check(decision)
    tasks.task(caller, task_id)
    check_seen(caller, decision)
    with transaction():
        task = locked(ModerationTask, task_id)
        check_free(task, caller, expected_version)
        carry_out(task, caller, decision)


def check(decision: Decision) -> None:
    """Raises Invalid for what no decision can be, whatever it is on."""
    if decision.act not in ACTS:
        raise Invalid(Fault("decision", "choice", (("choices", ", ".join(ACTS)),)))
    if decision.act == "merge" and decision.merge_into is None:
        raise Invalid(Fault("merge_into", "required"))
    reasons.check(decision.act, decision.reason)


def check_seen(caller: Caller, decision: Decision) -> None:
    """Raises Invalid for what the moderator may not see: it is not there to be merged into."""
    try:
        if decision.merge_into is not None:
            submissions.visible_to(caller, decision.merge_into)
    except Missing as error:
        raise Invalid(Fault("merge_into", "unknown_submission")) from error


def carry_out(task: ModerationTask, caller: Caller, decision: Decision) -> None:
    """Let a decision on a locked task have its effect, or become a proposal."""
    actor = Actor.of(caller.account_id, "moderator")
    if task.kind == SEALED and decision.act in _NEEDS_TWO and _is_first(task, decision, actor):
        return
    effect(task, actor, decision)


def effect(task: ModerationTask, actor: Actor, decision: Decision) -> None:
    """Let a decision on a locked task have its effect, whoever else must agree having done so."""
    with counts.kept(task):
        edit(task, decision.edits, actor, decision.note)
        if decision.act == "hide_photo":
            note, shown = words(task, decision)
            amending.hide_photos(task.submission_id, decision.photo_ids, actor, note, shown)
            _write_down(task, decision, actor)
            _go_on(task)
        else:
            _apply(task, decision, actor)
            _write_down(task, decision, actor)
            _end(task, decision, actor)
    db.session.flush()


def _is_first(task: ModerationTask, decision: Decision, actor: Actor) -> bool:
    """Whether nobody has proposed this yet: then it is kept as a proposal, for another person to decide on.

    Raises Conflict for the one who has.
    """
    if task.proposed_by == actor.account_id:
        raise Conflict("second_person")
    if task.proposal is not None and task.proposal["decision"] == decision.act:
        return False
    _require(decision)
    task.proposed_by, task.version = actor.account_id, task.version + 1
    task.proposal = {"decision": decision.act, "reason": decision.reason, "note": decision.note}
    task.claimed_by = task.lease_until = None
    telling.tell("proposed", task)
    audit.record(
        "submission.proposed", "submission", task.submission_id, actor.account_id, decision.reason, task=task.id
    )
    return True


def _require(decision: Decision) -> None:
    lacking = [] if decision.note and decision.note.strip() else ["note"]
    lacking += ["reason"] if decision.act == "reject" and not decision.reason else []
    lacking += ["photo_ids"] if decision.act == "hide_photo" and not decision.photo_ids else []
    if lacking:
        raise Invalid(*(Fault(each, "required") for each in lacking))


def _apply(task: ModerationTask, decision: Decision, actor: Actor) -> None:
    """The submission's own move, with the words that its author reads."""
    note, shown = words(task, decision)
    given = ["reason"] if decision.reason else []
    if decision.act == "merge":
        merging.merge(task.submission_id, decision.merge_into or "", actor, note, [*given, "target"], shown)
        return
    if decision.act == "accept" and task.kind == SEALED:
        supervisions.adopt(task.submission_id, str(actor.account_id))
    shown |= {"fields": list(decision.fields)} if decision.fields else {}
    moderate(task.submission_id, decision.act, actor, note, given, shown)


def words(task: ModerationTask, decision: Decision) -> tuple[str | None, dict[str, Any]]:
    """The note that the author reads beside the step, in their language, and what the timeline keeps with it.

    The note is the reason's words and below them the moderator's own; `said` is the same in each language.
    """
    if not decision.reason:
        return decision.note, {}
    shown: dict[str, Any] = {"reason": decision.reason}
    if not (decision.note and decision.note.strip()):
        return decision.note, shown  # The table says whether one was needed.
    said = reasons.said(decision.reason, decision.note, submissions.brief(task.submission_id).reference)
    return said[accounts.language_of(task.author_id)], shown | {"said": said}


def _go_on(task: ModerationTask) -> None:
    """A photo is hidden; the task waits on."""
    task.edited = sorted({*task.edited, "hide_photo"})
    task.version += 1
    task.proposal = task.proposed_by = None


def _end(task: ModerationTask, decision: Decision, actor: Actor) -> None:
    """Nobody need look any more."""
    task.state, task.version = "decided", task.version + 1
    task.decided_by, task.decided_at = actor.account_id, now()
    task.decision, task.reason = decision.act, decision.reason
    task.claimed_by = task.lease_until = None
    deadlines.settle(task.id)
    flags.settle(task, {decision.act, *task.edited})


def _write_down(task: ModerationTask, decision: Decision, actor: Actor) -> None:
    details = {"task": task.id, "decision": decision.act, "agreed_with": task.proposed_by or "", "edited": task.edited}
    audit.record("submission.decided", "submission", task.submission_id, actor.account_id, decision.reason, **details)


def unmask(caller: Caller, task_id: str, reason: str) -> dict[str, Any]:
    """Who wrote the submission: name and phone, for a written reason, which the audit trail keeps.

    Raises Conflict for a micro-supervision, where one person is not enough: see `submissions.unmasking`.
    """
    task = tasks.task(caller, task_id)
    if task.kind == SEALED:
        raise Conflict("two_needed")
    with transaction():
        audit.record("submission.unmasked", "submission", task.submission_id, caller.account_id, reason)
        author = accounts.profile(task.author_id)
    return {"name": author["display_name"], "phone": author["phone"]}


def original(caller: Caller, task_id: str) -> dict[str, Any]:
    """What was written before words were taken out of it; the audit trail keeps that somebody has read it."""
    task = tasks.task(caller, task_id)
    with transaction():
        audit.record("submission.original_read", "submission", task.submission_id, caller.account_id, task=task.id)
        return amending.original(task.submission_id)


def as_json(decision: Decision) -> dict[str, Any]:
    """A decision as it is kept until it takes effect; `from_json` reads it."""
    return asdict(decision)


def from_json(kept: dict[str, Any]) -> Decision:
    """The decision that `as_json` kept."""
    lists = {name: tuple(kept[name]) for name in ("fields", "photo_ids")}
    edits = kept["edits"] | {"redact": tuple(kept["edits"]["redact"])}
    return Decision(**{**kept, **lists, "edits": Edits(**edits)})
