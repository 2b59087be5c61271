"""Papers that a service needs to be shown: kept as long as they are needed, and then gone."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from participate.catalogue import asking
from participate.catalogue import queries as catalogue
from participate.catalogue.models import KEEP_DAYS
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, add, execute, rows, table, transaction
from participate.kernel.errors import Fault, Invalid
from participate.kernel.ids import is_id
from participate.kernel.workflow import THE_SYSTEM, Move, apply, locked
from participate.photos import documents as photos
from participate.submissions.lives import OVER
from participate.submissions.models import Submission
from participate.submissions.services.models import Document
from participate.submissions.services.service import SERVICE
from participate.submissions.workflow import SUBMISSION

CONSENT = "consent"  # The paper by which somebody has agreed to its being filed for them.
_STEP = 50  # submissions of which papers are forgotten at one go
_HELD = table(Document)
_NEW = insert(_HELD)
_OF = _HELD.c.submission_id == bindparam("of")
_LISTED = select(_HELD.c.code, _HELD.c.photo_id, _HELD.c.forget_at).where(_OF).order_by(_HELD.c.code)
_SCHEDULED = update(_HELD).where(_OF).values(forget_at=bindparam("moment"))
_REPLACED = delete(_HELD).where(_OF, _HELD.c.code.in_(bindparam("codes", expanding=True))).returning(_HELD.c.photo_id)
_FORGOTTEN = delete(_HELD).where(_OF, _HELD.c.forget_at <= bindparam("moment")).returning(_HELD.c.photo_id)
_UNNEEDED = delete(_HELD).where(_OF, _HELD.c.code != bindparam("kept")).returning(_HELD.c.photo_id)
_DUE = (
    select(_HELD.c.submission_id)
    .where(_HELD.c.forget_at <= bindparam("moment"))
    .order_by(_HELD.c.forget_at)
    .limit(bindparam("many"))
)


def check(kind: str, details: Mapping[str, Any], given: Mapping[str, str], held: Collection[str] | None = ()) -> None:
    """Raises Invalid for papers that the service does not ask for, and for those that are lacking.

    Those that are `held` are not; None are where somebody has looked at them on paper.
    """
    found = catalogue.service(details["service"]) if kind == SERVICE else None
    asked = [each["value"] for each in asking.choices(found.documents)] if found is not None else []
    faults = [Fault(f"details.documents.{code}", "unknown") for code in given if code not in asked]
    faults += [Fault(f"details.documents.{code}", "form") for code in given if not is_id(given[code])]
    if held is not None:
        lacking = [code for code in asked if code not in given and code not in held]
        faults += [Fault(f"details.documents.{code}", "required") for code in lacking]
    if faults:
        raise Invalid(*faults)


def keep(submission_id: str, owner_id: str, given: Mapping[str, str], at: str = "details.documents") -> None:
    """Make photos of `owner_id` the papers of a submission, each by its code, in the place of what was there so far.

    Raises Invalid for photos that are not free and theirs, by the field `at`.
    """
    if not given:
        return
    with transaction():
        replaced = rows(_REPLACED, {"of": submission_id, "codes": sorted(given)})
        if replaced:
            photos.remove([row.photo_id for row in replaced])
        for name, photo_id in sorted(given.items()):
            photos.attach(photo_id, owner_id, submission_id, f"{at}.{name}")
            row = {"photo_id": photo_id, "submission_id": submission_id, "code": name}
            add(_NEW, row | {"attached_at": now(), "forget_at": None})


def listed(submission_id: str) -> list[AnyRow]:
    """The papers that are there, by their codes."""
    return list(rows(_LISTED, {"of": submission_id}))


def present(submission_id: str) -> list[dict[str, Any]]:
    """The papers as the API shows them; the photos are opened one by one."""
    names = {"code": "document", "photo_id": "photo_id", "forget_at": "forget_at"}
    return [{said: getattr(row, name) for name, said in names.items()} for row in listed(submission_id)]


def may_have(row: Any) -> bool:
    """Whether a submission can have papers at all."""
    return bool(row.kind == SERVICE or row.helped_by)


def drop(row: Submission) -> None:
    """Where it asks for no service any more, nobody needs the papers that were shown for one."""
    if row.kind != SERVICE:
        with transaction():
            photos.remove([each.photo_id for each in rows(_UNNEEDED, {"of": row.id, "kept": CONSENT})])


def schedule(row: Submission, made: Move) -> None:
    """Set when papers are forgotten, or take that back, once a move has ended a submission or opened it again."""
    if made.target is None or not may_have(row) or not (row.state in OVER or made.sources & OVER):
        return
    found = catalogue.service(row.details["service"]) if row.kind == SERVICE and "service" in row.details else None
    days = timedelta(days=found.keep_days if found is not None else KEEP_DAYS)
    execute(_SCHEDULED, {"of": row.id, "moment": now() + days if row.state in OVER else None})


def forget_documents() -> int:
    """Forget papers whose time is over, with the photos and their files; the timeline says that it was done."""
    due = {row.submission_id for row in rows(_DUE, {"moment": now(), "many": _STEP})}
    return sum(_forget(submission_id) for submission_id in sorted(due))


def _forget(submission_id: str) -> int:
    with transaction():
        row = locked(Submission, submission_id)  # Who opens it again takes the time back first, or comes too late.
        gone = [each.photo_id for each in rows(_FORGOTTEN, {"of": submission_id, "moment": now()})]
        if gone:
            photos.remove(gone)
            apply(SUBMISSION, row, "forget_documents", THE_SYSTEM, shown={"documents": len(gone)})
    return len(gone)
