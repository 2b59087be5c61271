"""Reads of what officers have filed for others, and of calls."""

from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, false, or_, select, true

from participate.accounts.models import Account
from participate.kernel.auth import Caller, Grant
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, AnySelect, one, rows
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope
from participate.submissions import telling
from participate.submissions.models import Submission
from participate.submissions.queries import HELPERS, LISTED
from participate.submissions.views import in_list
from participate.updates.assisted.models import Assisted, Call, CallWord

VIEWS = ("mine", "area", "late")
CALL_KEYS = (Call.due_at, Call.id)
FILED_KEYS = (Submission.id,)
_WHOM = (Assisted.name, Account.phone)


@lru_cache(maxsize=256)
def filed(grants: tuple[Grant, ...]) -> AnySelect:
    """What `:me` has filed for others, as far as it lies in their scope still."""
    held = Submission
    found = select(Assisted.hears_by, Assisted.name, held.stated, *LISTED).join(
        Assisted, Assisted.submission_id == held.id
    )
    return found.where(held.helped_by == bindparam("me"), in_scope(Caller(grants=grants), HELPERS, held.area))


def present_filed(row: AnyRow) -> dict[str, Any]:
    """One of these as the API lists it."""
    return in_list(row, in_full=True) | {"name": row.name, "hears_by": row.hears_by}


_CONSENT = (
    select(*Assisted.__table__.columns, Account.phone, Submission.author_id)
    .join(Submission, Submission.id == Assisted.submission_id)
    .join(Account, Account.id == Submission.author_id)
    .where(Assisted.submission_id == bindparam("submission"))
)


def consent(caller: Caller, submission_id: str) -> AnyRow:
    """For whom it was filed and what they have agreed to: for who has filed it, and for them. Raises Missing."""
    held = Submission
    helper = and_(held.helped_by == caller.account_id, in_scope(caller, HELPERS, held.area))
    found = one(_CONSENT.where(or_(held.author_id == caller.account_id, helper)), {"submission": submission_id})
    if found is None:
        raise Missing
    return found


def _reach(caller: Caller) -> Any:
    """The condition that the caller may make a call: who has filed it, and who dispatches where it lies."""
    area = Submission.area
    own = and_(Call.officer == bindparam("me"), in_scope(caller, HELPERS, area))
    return or_(false(), own, in_scope(caller, ("dispatcher",), area))


_CALL = select(*Call.__table__.columns, Submission.reference).join(Submission, Submission.id == Call.submission_id)


@lru_cache(maxsize=256)
def calls(grants: tuple[Grant, ...], view: str) -> AnySelect:
    """The calls that are still to be made, what is due first: `:me`'s own, all that they may make, or the late ones."""
    which = {"mine": Call.officer == bindparam("me"), "area": true(), "late": Call.due_at <= bindparam("now")}
    return _CALL.where(Call.made_at.is_(None), which[view], _reach(Caller(grants=grants)))


def call(caller: Caller, call_id: str) -> AnyRow:
    """A call, made or not, with whom to call. Raises Missing where the caller may not make it."""
    asked = (
        _CALL.add_columns(*_WHOM)
        .join(Assisted, Assisted.submission_id == Call.submission_id)
        .join(Account, Account.id == Submission.author_id)
        .where(Call.id == bindparam("id"), _reach(caller))
    )
    found = one(asked, {"id": call_id, "me": caller.account_id})
    if found is None:
        raise Missing
    return found


def present(row: AnyRow) -> dict[str, Any]:
    """A call as the API lists it: nobody is named."""
    names = ("id", "submission_id", "reference", "opened_at", "due_at", "tries", "missed", "version")
    return {name: getattr(row, name) for name in names} | {"overdue": row.made_at is None and row.due_at <= now()}


_WORDS = (
    select(CallWord.words, CallWord.following, CallWord.values, CallWord.due_at)
    .where(CallWord.call_id == bindparam("call"))
    .order_by(CallWord.entry_id)
)


def detail(row: AnyRow, language: str) -> dict[str, Any]:
    """A call with whom to call, and the words to say: what their feed says."""
    told = rows(_WORDS, {"call": row.id})
    words = [telling.text(each.words, language, each.values) for each in told]
    if told and told[-1].following:
        words.append(telling.spoken(told[-1].following, language, told[-1].values))
    return present(row) | {"name": row.name, "phone": row.phone, "words": words, "made_at": row.made_at}
