"""Whose own work what became of a submission is: nobody of them learns of a micro-supervision about it."""

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select, union
from sqlalchemy.orm import aliased

from participate.cases.cohandlers.models import CoHandler
from participate.cases.commitments.models import Commitment
from participate.cases.models import Case, CaseHolding
from participate.kernel.auth import Grant
from participate.kernel.db import Id, rows
from participate.kernel.workflow import TimelineEntry
from participate.submissions.kinds import SEALED
from participate.submissions.supervisions import service as supervisions
from participate.submissions.supervisions.barring import barred, theirs
from participate.submissions.workflow import AUTHOR

_OF = bindparam("of", type_=Id)
_LEAD = select(Case.id).where(Case.submission_id == _OF, Case.part_of.is_(None))
_CASES = union(_LEAD, select(Case.id).where(Case.part_of.in_(_LEAD)))
_STEP, _HELD, _TOO, _PROMISED = TimelineEntry, CaseHolding, CoHandler, Commitment
_CONCERNED = union(
    select(_STEP.actor_id.label("who")).where(_STEP.thread_id == _OF, _STEP.actor_role != AUTHOR),
    select(_STEP.instead_of).where(_STEP.thread_id == _OF),
    *(select(each).where(_HELD.case_id.in_(_CASES)) for each in (_HELD.assignee, _HELD.unit)),
    *(select(each).where(Case.id.in_(_CASES)) for each in (Case.assignee, Case.unit)),
    *(select(each).where(_TOO.case_id.in_(_CASES)) for each in (_TOO.account, _TOO.unit)),
    *(select(each).where(_PROMISED.submission_id == _OF) for each in (_PROMISED.assignee, _PROMISED.unit)),
)


def concerned(submission_id: str) -> set[str]:
    """The accounts and units that have ever had a part in what became of a submission, but for who handed it in."""
    return {row.who for row in rows(_CONCERNED, {"of": submission_id}) if row.who is not None}


def has_part(grants: tuple[Grant, ...], of: Any) -> ColumnElement[bool]:
    """The condition that the caller, `:me`, or a unit of theirs, ever had a part in the submission `of`, a column."""
    lead = aliased(Case)
    of_it = and_(lead.submission_id == of, lead.part_of.is_(None), or_(Case.id == lead.id, Case.part_of == lead.id))
    step, promised = (_STEP.thread_id == of, _STEP.actor_role != AUTHOR), _PROMISED.submission_id == of
    return or_(
        *(exists().where(*step, theirs(each, grants)) for each in (_STEP.actor_id, _STEP.instead_of)),
        *(exists().where(of_it, theirs(each, grants)) for each in (Case.assignee, Case.unit)),
        *(
            exists().where(of_it, held.case_id == Case.id, theirs(each, grants))
            for held, both in ((_HELD, (_HELD.assignee, _HELD.unit)), (_TOO, (_TOO.account, _TOO.unit)))
            for each in both
        ),
        *(exists().where(promised, theirs(each, grants)) for each in (_PROMISED.assignee, _PROMISED.unit)),
    )


def involve(case: Case, *who: str | None) -> None:
    """In the open transaction: these, and who has the case now, have a part in what becomes of its submission."""
    supervisions.involve(case.submission_id, case.assignee, case.unit, *who)


def not_kept(grants: tuple[Grant, ...]) -> ColumnElement[bool]:
    """The condition that a case is not kept from the caller, `:me`, because what it is about is their own work."""
    return or_(Case.kind != SEALED, ~barred(grants, Case.submission_id))
