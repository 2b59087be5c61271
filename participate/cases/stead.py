"""What somebody sees and does in the stead of a colleague who is away, and what they may not: conditions and checks."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, cast, exists, null, or_, select
from sqlalchemy.orm import aliased

from participate.accounts.queries import deputy_of, grantee
from participate.cases.cohandlers.models import CoHandler
from participate.cases.concern import not_kept
from participate.cases.guards import SUPERVISOR
from participate.cases.models import Case
from participate.kernel.auth import Caller
from participate.kernel.db import AnySelect, Id, one
from participate.kernel.errors import Conflict, Forbidden
from participate.kernel.scopes import in_scope, roles_for
from participate.kernel.workflow import Actor, Move, TimelineEntry, Workflow
from participate.submissions import queries as submissions
from participate.submissions.kinds import OFFICER, SEALED
from participate.submissions.models import Submission
from participate.submissions.supervisions.barring import is_barred

ME, ABSENT = bindparam("me", type_=Id), bindparam("absent", type_=Id, expanding=True)
NOBODYS = cast(null(), Id).label("instead_of")
_COLUMNS = tuple(Case.__table__.columns)
_STOOD_IN = (
    select(TimelineEntry.id)
    .where(
        TimelineEntry.subject_id.in_(bindparam("of", expanding=True)),
        TimelineEntry.actor_id == bindparam("who", type_=Id),
        TimelineEntry.instead_of.is_not(None),
    )
    .limit(1)
)
_DRAFTED = (
    select(TimelineEntry.actor_id)
    .where(TimelineEntry.subject_id == bindparam("of"), TimelineEntry.move == "propose")
    .order_by(TimelineEntry.version.desc())
    .limit(1)
)


def asking(caller: Caller) -> dict[str, Any]:
    """Who asks: what statements want to know that were made for somebody who stands in for others, or does not."""
    absent = {"absent": list(caller.stands_for)} if caller.stands_for else {}
    return {"me": caller.account_id} | absent


def may_see(caller: Caller) -> ColumnElement[bool]:
    """The condition that a case is one that may be seen in another's stead: what is sealed, by supervisors of it."""
    return and_(or_(Case.kind != SEALED, in_scope(caller, (SUPERVISOR,), Case.area)), not_kept(caller.grants))


def held(caller: Caller) -> ColumnElement[bool]:
    """The condition that one of the `:absent` has the case, and the caller may see it in their stead."""
    return and_(Case.assignee.in_(ABSENT), may_see(caller))


def listed(caller: Caller) -> list[AnySelect]:
    """The open cases that the `:absent` have, and those that wait for their word; each says for whom.

    What is in the caller's own list is not in these.
    """
    too, case = CoHandler, Case
    has = select(*_COLUMNS, case.assignee.label("instead_of")).where(held(caller), case.open)
    word = select(too.account).where(too.case_id == case.id, too.waits, too.account.in_(ABSENT))
    whose = word.order_by(too.id).limit(1).scalar_subquery().label("instead_of")
    waiting = select(too.case_id).where(too.waits, too.account.in_(ABSENT))
    own = select(too.case_id).where(too.waits, too.account == ME)
    others = case.id.in_(waiting), case.id.not_in(own), nobody_of_these()
    return [has, select(*_COLUMNS, whose).where(*others, may_see(caller))]


def nobody_of_these() -> ColumnElement[bool]:
    """The condition that neither `:me` nor one of the `:absent` has the case."""
    return or_(Case.assignee.is_(None), and_(Case.assignee != ME, Case.assignee.not_in(ABSENT)))


def asked_by_me(of: Any) -> ColumnElement[bool]:
    """A column beside those of what a deputy reads: whether `:me` has asked for the submission `of`, a column."""
    held = aliased(Submission)
    return exists().where(held.id == of, held.author_id == ME, held.source != OFFICER).label("asked_by_me")


def offered(workflow: Workflow, row: Any, actor: Actor, about: Any) -> list[str]:
    """The moves that `actor` may make on `row` now: not in another's stead where they asked for it themselves.

    `about` is a row that knows the submission, and `asked_by_me` where it is one of many.
    """
    moves = workflow.offered(row, actor)
    if not actor.lent or not _asked_for(about, actor):
        return moves
    return [name for name in moves if actor.instead_of(workflow.by_name[name]) is None]


def _asked_for(about: Any, actor: Actor) -> bool:
    known: bool | None = getattr(about, "asked_by_me", None)
    if known is not None:
        return known
    brief = submissions.brief(about.submission_id)
    return bool(brief.source != OFFICER and brief.author_id == actor.account_id)


def lends(account_id: str | None, kind: str, caller: Caller, roles: Collection[str]) -> bool:
    """Whether the caller, who holds these `roles` towards a case of this kind, stands in for the account there."""
    return account_id in caller.stands_for and (kind != SEALED or SUPERVISOR in roles)


def check(subject: Any, actor: Actor, move: Move) -> None:
    """Nobody does for another what they asked for themselves, or what that other is back for.

    Who stands in for whom was settled at the door, and may have changed since. `subject` is a case, or a commitment
    of one. Raises Conflict, Forbidden.
    """
    absentee = actor.instead_of(move)
    if absentee is None:
        return
    if deputy_of(absentee) != actor.account_id:
        raise Forbidden("move_not_yours")
    if _asked_for(subject, actor):
        raise Conflict("own_submission")


def holders(case: Any) -> set[str | None]:
    """Who has the case, and who stands in for them now and may see it."""
    deputy = deputy_of(case.assignee)
    found = grantee(deputy) if deputy is not None and case.kind == SEALED else None
    if found is not None and (SUPERVISOR not in roles_for(found, case.area) or is_barred(found, case.submission_id)):
        return {case.assignee}
    return {case.assignee, deputy}


def stood_in(case_ids: Sequence[str], account_id: str | None) -> bool:
    """Whether the account has ever done something of these cases in another's stead."""
    return one(_STOOD_IN, {"of": list(case_ids), "who": account_id}) is not None


def has_drafted(case_id: str, account_id: str | None) -> bool:
    """Whether the account has written the last draft of the case's reply."""
    found = one(_DRAFTED, {"of": case_id})
    return found is not None and found.actor_id == account_id
