"""What officers do for those who cannot file or read by themselves."""

from typing import Any

from sqlalchemy import insert

from participate.accounts import service as accounts
from participate.audit import service as audit
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import add, table, transaction
from participate.kernel.errors import Conflict, Fault, Forbidden, Invalid, Stale, Unauthenticated, below
from participate.kernel.offline import check_moment
from participate.kernel.scopes import roles_for
from participate.kernel.workflow import locked
from participate.submissions.intake import placed
from participate.submissions.models import NewSubmission
from participate.submissions.queries import HELPERS
from participate.submissions.service import submit
from participate.submissions.services import documents
from participate.updates.assisted import calling, queries
from participate.updates.assisted.models import SMS, Assisted, Call
from participate.updates.deliveries import choices

KINDS = ("micro_service", "snap_report", "micro_suggestion")
_NEW = insert(table(Assisted))


def file(caller: Caller, fields: dict[str, Any]) -> NewSubmission:
    """File a submission for somebody who has agreed to that; it is theirs, and whoever has their phone finds it.

    Raises Invalid, also as `submit` does, Forbidden for a place outside the caller's scope, and Conflict for a phone of
    which the account is closed.
    """
    said, person, consent = fields["submission"], fields["person"], fields["consent"]
    _check(caller, said, consent)
    officer = str(caller.account_id)
    with transaction():
        try:
            author = accounts.create_resident(person["phone"])
        except Unauthenticated as error:
            raise Conflict("phone_closed") from error
        row = _submitted(author, said | {"documents_seen": fields["documents_seen"]}, officer)
        if "photo_id" in consent:
            documents.keep(row.id, officer, {documents.CONSENT: consent["photo_id"]}, "consent.photo_id")
        told = {"name": person["name"], "hears_by": person["hears_by"], "consent": consent["how"]}
        given = {"consented_at": consent["at"], "witness": consent["witness"], "created_at": now()}
        add(_NEW, {"submission_id": row.id, "officer": officer} | told | given)
        audit.record("submission.filed_for", "submission", row.id, officer, consent=consent["how"])
        if person["hears_by"] == SMS:
            _text(author)
    return row


def _check(caller: Caller, said: dict[str, Any], consent: dict[str, Any]) -> None:
    if said["kind"] not in KINDS:
        raise Invalid(Fault("submission.kind", "choice", (("choices", ", ".join(KINDS)),)))
    if "place" not in said:
        raise Invalid(Fault("submission.place", "required"))
    check_moment("consent.at", consent["at"])
    with below("submission"):
        where = placed(said["place"])
    if not roles_for(caller, where["area"]).intersection(HELPERS):
        raise Forbidden("out_of_scope")


def _submitted(author: str, said: dict[str, Any], officer: str) -> NewSubmission:
    """Raises Invalid by the names that these fields have here."""
    fields = {name: value for name, value in said.items() if name != "kind"}
    with below("submission"):
        return submit(author, said["kind"], fields, helped_by=officer)


def _text(account_id: str) -> None:
    """Let them hear by text message, unless they have chosen something about that themselves."""
    held = choices.take_hold(account_id)
    if SMS not in held and choices.is_available(SMS):
        choices.keep(account_id, SMS, None, on=True, verified_at=now())
        choices.mark(account_id)


def open_consent(caller: Caller, submission_id: str) -> dict[str, Any]:
    """For whom it was filed, which is written down where it is not they who look. Raises Missing."""
    found = queries.consent(caller, submission_id)
    if found.author_id != caller.account_id:
        _write_down("submission.helped_opened", "submission", submission_id, caller)
    return {name: value for name, value in found._asdict().items() if name not in {"author_id", "officer"}}


def open_call(caller: Caller, call_id: str) -> Any:
    """A call with whom to call, which is written down. Raises Missing."""
    found = queries.call(caller, call_id)
    _write_down("call.opened", "call", call_id, caller)
    return found


def _write_down(action: str, subject: str, subject_id: str, caller: Caller) -> None:
    with transaction():
        audit.record(action, subject, subject_id, caller.account_id)


def settle(caller: Caller, call_id: str, reached: bool, version: int | None) -> None:
    """They were reached and have heard all that this `version` of the call says, or they were not and it stays.

    Raises Missing, Invalid without a version, Stale where there is more to say by now, Conflict where it was made.
    """
    found = queries.call(caller, call_id)
    if version is None:
        raise Invalid(Fault("If-Match", "required"))
    with transaction():
        locked(Assisted, found.submission_id)  # So that no word is added to what is just being told.
        row = locked(Call, call_id)
        if row.made_at is not None:
            raise Conflict("called_already")
        if version != row.version:
            raise Stale
        row.version += 1
        if reached:
            row.made_at, row.made_by = now(), caller.account_id
            deadlines.settle(call_id)
        else:
            row.tries, row.due_at = row.tries + 1, calling.due()
            calling.wait(call_id, row.due_at)
        audit.record("call.made" if reached else "call.tried", "call", call_id, caller.account_id)
