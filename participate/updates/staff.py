"""What staff hear beside the submitter: that something waits for them, or for too long."""

from collections.abc import Collection, Sequence
from typing import Any

from participate.accounts import queries as accounts
from participate.cases import queries as cases
from participate.cases import stead
from participate.cases.holders import asker
from participate.cases.rectifications import queries as rectifications
from participate.kernel import deadlines
from participate.kernel.db import AnyRow
from participate.kernel.outbox import Fact
from participate.places import codes
from participate.submissions import queries as submissions
from participate.submissions.kinds import SEALED
from participate.submissions.supervisions.barring import is_barred
from participate.updates import concerns
from participate.updates.answering import NOBODY
from participate.updates.service import append, entry_of, steps_of


def tell_supervisors(fact: Fact) -> None:
    """`case.decision_missed`: whoever supervises where the case is hears that it waits for them, until one decides."""
    (step,) = steps_of([fact]).values()
    case, briefs = cases.of_submission(step.thread_id), submissions.briefs({step.thread_id})
    if case is not None and case.area is not None:
        entry = entry_of(fact, step, briefs[step.thread_id], NOBODY) | {"following": None}
        _tell(entry, _desks(case.area, "supervisor"), entry["account_id"])


# Up to whom it is told that so much of a level's time is over, in percent. Where all of it is, the case goes up.
_WARNED: dict[int, tuple[str, ...]] = {50: (), 80: ("dispatcher",), 100: ("dispatcher", "supervisor")}


def tell_staff(fact: Fact) -> None:
    """`case.warned`: whoever has the case hears of it, later who dispatches as well, at last who supervises.

    `case.feedback_due`: all of these hear that those who passed it up still wait to hear what is done about it.
    """
    case, percent = cases.row_of(fact.subject_id), fact.data.get("percent")
    if percent is None and not deadlines.missed(case.id, "feedback"):
        return
    move, roles = ("warned", _WARNED[percent]) if percent else ("feedback_missed", _WARNED[100])
    # What is sealed no dispatcher sees.
    told = _desks(case.area, *(role for role in roles if case.kind != SEALED or role != "dispatcher"))
    entry = {"fact_id": fact.id, "at": fact.at, "submission_id": case.submission_id, "move": move}
    entry |= {"words": _SAID[move], "values": {"reference": case.reference, "note": None, "percent": percent}}
    _tell(entry | {"due_at": case.due_at}, told | stead.holders(case), asker(case))


def tell_lead(fact: Fact) -> None:
    """`part.verified`: whoever has the case hears that a part of it is done, for which its reply may have waited."""
    part = cases.row_of(fact.subject_id)
    lead = cases.row_of(part.part_of)
    entry = {"fact_id": fact.id, "at": fact.at, "submission_id": lead.submission_id, "move": "verify"}
    entry |= {"words": "step.part.verify", "values": {"reference": lead.reference, "note": None}}
    _tell(entry | {"due_at": lead.due_at}, stead.holders(lead), asker(lead))


def tell_unit(fact: Fact) -> None:
    """`rectification.issued`, `rectification.sent_back`: who handles for the unit hears that a plan is waited for.

    Of the supervision that it comes from they hear nothing, so that no submission is named.
    """
    row = rectifications.row_of(fact.subject_id)
    entry = {"fact_id": fact.id, "at": fact.at, "submission_id": None, "move": fact.data["move"]}
    entry |= {"words": "step.rectification.to_unit", "values": {"reference": row.reference, "note": None}}
    told = accounts.of_unit("handler", row.unit)
    append([entry | {"due_at": row.due_at, "concern": concerns.STAFF, "account_id": each} for each in sorted(told)])


_SAID = {"warned": "step.case.warned", "feedback_missed": "step.case.feedback_missed"}


def tell_desks(entry: dict[str, Any], brief: AnyRow, roles: Sequence[str], besides: Collection[str]) -> None:
    """The same to those who hold one of the roles where a submission lies, and some besides; never to its author."""
    _tell(entry, _desks(brief.area, *roles) | {*besides}, brief.author_id)


def _desks(area: str | None, *roles: str) -> set[str | None]:
    """The accounts that hold one of the roles for the area or one around it."""
    around = [area, *codes.upward(area), ""] if area else [""]
    return {account for role in roles for _, account in accounts.holders(role, around)}


def _tell(entry: dict[str, Any], account_ids: Collection[str | None], asker_id: str | None) -> None:
    """The same to each of those staff, but for who has asked for it, and from whom it is kept."""
    staff = {each for each in account_ids if each not in {None, asker_id} and not _is_barred(each, entry)}
    told = entry | {"concern": concerns.STAFF}
    append([told | {"account_id": account_id} for account_id in sorted(filter(None, staff))])


def _is_barred(account_id: str | None, entry: dict[str, Any]) -> bool:
    found = accounts.grantee(account_id) if account_id else None
    return found is not None and is_barred(found, entry["submission_id"])
