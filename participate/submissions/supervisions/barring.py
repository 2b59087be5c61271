"""Who must not learn of a micro-supervision: the unit watched, those below it, and whose own work it is about."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, literal, or_, select, union_all

from participate.accounts.models import Absence
from participate.catalogue.models import Unit
from participate.kernel.auth import Caller, Grant
from participate.kernel.db import AnySelect, Id, one, rows
from participate.submissions.supervisions.models import SupervisionBar

# Stands for all units: where nobody has said which one is watched, it may be any.
ANY_UNIT = "00000000-0000-0000-0000-000000000000"
_ME = bindparam("me", type_=Id)
# For whom one stands in, or is to; who did something in another's stead is barred by themselves.
_DEPUTY_OF = select(Absence.account_id).where(Absence.deputy_id == _ME, Absence.ended_at.is_(None))


def barred(grants: Sequence[Grant], of: Any) -> ColumnElement[bool]:
    """The condition that the submission `of`, a column, is kept from the caller, `:me`, who holds these grants."""
    return exists().where(SupervisionBar.submission_id == of, theirs(SupervisionBar.who, grants))


def kept_from(grants: Sequence[Grant]) -> AnySelect:
    """The submissions that are kept from the caller, `:me`."""
    return select(SupervisionBar.submission_id).where(theirs(SupervisionBar.who, grants))


def theirs(held: Any, grants: Sequence[Grant]) -> ColumnElement[bool]:
    """The condition that `held`, a column, is the caller, `:me`, one for whom they stand in, or a unit of theirs.

    Whoever belongs to a unit belongs to all that are above it.
    """
    units = units_of(grants)
    return or_(held == _ME, held.in_(_DEPUTY_OF), *([held.in_(_upward(units))] if units else []))


def units_of(grants: Sequence[Grant]) -> list[str]:
    """The units for which one holds any role at all."""
    return sorted({grant.unit for grant in grants if grant.unit is not None})


def _upward(units: Sequence[str]) -> AnySelect:
    """These units, all that are above them, and ANY_UNIT."""
    begin = union_all(*(select(literal(each, Id).label("id")) for each in (ANY_UNIT, *units)))
    above = select(begin.subquery().c.id).cte(recursive=True)
    above = above.union(select(Unit.parent_id).join(above, above.c.id == Unit.id).where(Unit.parent_id.is_not(None)))
    return select(above.c.id)


def upward(grants: Sequence[Grant]) -> list[str]:
    """The units to which one belongs who holds these grants, and ANY_UNIT; nothing for who belongs to none."""
    units = units_of(grants)
    return [row.id for row in rows(_upward(units))] if units else []


def is_barred(caller: Caller, submission_id: str) -> bool:
    """Whether the submission is kept from the caller."""
    bar = select(SupervisionBar.who).where(SupervisionBar.submission_id == bindparam("of", type_=Id))
    asked = {"of": submission_id, "me": caller.account_id}
    return one(bar.where(theirs(SupervisionBar.who, caller.grants)).limit(1), asked) is not None
