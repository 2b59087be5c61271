"""Second opinions: asked for by whoever is to decide, given by a colleague, and never a decision."""

from sqlalchemy import insert

from participate.audit import service as audit
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import add, db, table, transaction
from participate.kernel.errors import Conflict, Fault, Forbidden, Invalid
from participate.kernel.ids import new_id
from participate.kernel.workflow import locked
from participate.moderation import reasons
from participate.moderation.models import ModerationOpinion, ModerationTask
from participate.moderation.queries import colleagues, opinions, tasks

_NEW = insert(table(ModerationOpinion))


def ask(caller: Caller, task_id: str, question: str, of: str | None) -> str:
    """Ask a colleague what they think, or anybody who may decide on the task; returns the opinion's id.

    Raises Missing, Invalid for who may not decide on it, and Conflict (`decided_already`, `enough_opinions`).
    """
    tasks.task(caller, task_id)
    if of is not None:
        colleagues.check("of", caller, of, task_id)
    with transaction():
        if locked(ModerationTask, task_id).state != "waiting":
            raise Conflict("decided_already")
        if opinions.is_full(task_id):
            raise Conflict("enough_opinions")
        asked = {"id": new_id(), "task_id": task_id, "asked_by": caller.account_id, "asked_of": of}
        nothing = dict.fromkeys(("given_by", "decision", "reason", "note", "given_at"))
        add(_NEW, asked | nothing | {"question": question, "asked_at": now()})
    return str(asked["id"])


def give(caller: Caller, opinion_id: str, decision: str, reason: str | None, note: str) -> str:
    """Say what one would decide, once; returns the task's id.

    Raises Missing, Forbidden (`opinion_not_yours`) for whoever asked, or was not asked, Invalid for a reason that is
    not on the list, and Conflict (`opinion_given`, `decided_already`).
    """
    task_id: str = opinions.asked(opinion_id).task_id
    tasks.task(caller, task_id)
    reasons.check(decision, reason)
    if decision == "reject" and reason is None:
        raise Invalid(Fault("reason", "required"))
    with transaction():
        task, opinion = locked(ModerationTask, task_id), locked(ModerationOpinion, opinion_id)
        _check(opinion, task, caller)
        opinion.given_by, opinion.given_at = caller.account_id, now()
        opinion.decision, opinion.reason, opinion.note = decision, reason, note
        details = {"task": task_id, "opinion": opinion_id, "decision": decision}
        audit.record("submission.opinion_given", "submission", task.submission_id, caller.account_id, reason, **details)
        db.session.flush()
    return task_id


def _check(opinion: ModerationOpinion, task: ModerationTask, caller: Caller) -> None:
    if opinion.asked_by == caller.account_id or opinion.asked_of not in {None, caller.account_id}:
        raise Forbidden("opinion_not_yours")
    if opinion.given_at is not None:
        raise Conflict("opinion_given")
    if task.state != "waiting":
        raise Conflict("decided_already")
