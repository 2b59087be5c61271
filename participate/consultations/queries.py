"""Reads of consultations."""

from collections.abc import Iterator, Sequence
from heapq import nlargest
from typing import Any

from sqlalchemy import bindparam, exists, func, select

from participate.consultations.models import Consultation, Participant, Statement, Vote
from participate.consultations.priorities import weight
from participate.consultations.workflow import MODERATOR, STATEMENT
from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, one, rows
from participate.kernel.errors import Missing
from participate.kernel.scopes import roles_for
from participate.kernel.workflow import Actor
from participate.submissions import queries as submissions
from participate.submissions.models import Submission

VALUES = {"agree": 1, "disagree": -1, "pass": 0}
_NAMES = {value: name for name, value in VALUES.items()}
MOST_SHOWN = 1000  # statements of a consultation: more nobody can vote on
KEYS = (Statement.id,)

_HELD = select(
    *(Consultation.id, Consultation.area, Consultation.closes_at, Consultation.picture),
    *(Consultation.outcomes, Consultation.minutes, Consultation.version, Submission.state, Submission.reference),
).join(Submission, Submission.id == Consultation.id)
_ONE = _HELD.where(Consultation.id == bindparam("id"))
_MINE = select(Vote.value).where(Vote.statement_id == Statement.id, Vote.account_id == bindparam("me"))
_STATEMENT = (
    *(Statement.id, Statement.consultation_id, Statement.author_id, Statement.text, Statement.state),
    *(Statement.version, Statement.agrees, Statement.disagrees, Statement.passes, Statement.created_at),
    Statement.extremity,
)
# In a state, of one consultation; each with how the caller, `:me`, has voted.
LISTED = select(*_STATEMENT, _MINE.scalar_subquery().label("mine")).where(
    Statement.consultation_id == bindparam("consultation"), Statement.state == bindparam("state")
)
OWN = select(*_STATEMENT, _MINE.scalar_subquery().label("mine")).where(
    Statement.consultation_id == bindparam("consultation"), Statement.author_id == bindparam("me")
)
_NOT_YET = LISTED.where(~exists().where(Vote.statement_id == Statement.id, Vote.account_id == bindparam("me"))).limit(
    MOST_SHOWN
)
_COUNT = select(func.count().label("many")).where(Statement.consultation_id == bindparam("consultation"))
_BY = _COUNT.where(Statement.author_id == bindparam("author"))
_VOTES = select(Vote.account_id, Vote.value).where(Vote.statement_id == bindparam("statement"))
_TOOK_PART = (
    select(Participant.account_id)
    .where(Participant.consultation_id == bindparam("consultation"), Participant.account_id > bindparam("after"))
    .order_by(Participant.account_id)
    .limit(bindparam("many"))
)
_COLUMNS = (
    select(Statement.id)
    .where(Statement.consultation_id == bindparam("consultation"), Statement.state == "shown")
    .order_by(Statement.id)
)


def consultation(caller: Caller, consultation_id: str) -> AnyRow:
    """What everyone sees of it. Raises Missing where the caller may not see the submission, or it has never opened."""
    submissions.visible_to(caller, consultation_id)
    found = one(_ONE, {"id": consultation_id})
    if found is None:
        raise Missing
    return found


def actor(caller: Caller, row: Any) -> Actor:
    """The caller with the roles held for the consultation's area."""
    return Actor(caller.account_id, roles_for(caller, row.area) & {MODERATOR})


def statement(consultation_id: str, statement_id: str, me: str | None) -> AnyRow:
    """One statement, with how `me` has voted. Raises Missing."""
    asked = select(*_STATEMENT, _MINE.scalar_subquery().label("mine")).where(
        Statement.id == statement_id, Statement.consultation_id == consultation_id
    )
    found = one(asked, {"me": me})
    if found is None:
        raise Missing
    return found


def present(row: AnyRow, caller: Caller, who: Actor) -> dict[str, Any]:
    """A statement as the API shows it; who has made it nobody learns."""
    return {
        "id": row.id,
        "text": row.text,
        "state": row.state,
        "agrees": row.agrees,
        "disagrees": row.disagrees,
        "passes": row.passes,
        "is_own": row.author_id == caller.account_id,
        "vote": _NAMES.get(row.mine),
        "created_at": row.created_at,
        "version": row.version,
        "moves": STATEMENT.offered(row, who),
    }


def following(consultation_id: str, account_id: str, many: int) -> list[AnyRow]:
    """The next statements on which somebody has not voted yet, in an order that spreads votes: see `priorities`."""
    open_ones = rows(_NOT_YET, {"consultation": consultation_id, "state": "shown", "me": account_id})
    return nlargest(many, open_ones, key=lambda row: weight(row, account_id))


def count(consultation_id: str) -> int:
    """How many statements there are, in whatever state."""
    (found,) = rows(_COUNT, {"consultation": consultation_id})
    return int(found.many)


def count_by(consultation_id: str, author_id: str) -> int:
    """How many of them somebody has made."""
    (found,) = rows(_BY, {"consultation": consultation_id, "author": author_id})
    return int(found.many)


def shown(consultation_id: str) -> list[str]:
    """The ids of the statements that are voted on, in their order."""
    return [row.id for row in rows(_COLUMNS, {"consultation": consultation_id})]


def votes(statement_ids: Sequence[str]) -> Iterator[tuple[int, Sequence[AnyRow]]]:
    """The votes (`account_id`, `value`) on each statement, with its place among these."""
    for place, statement_id in enumerate(statement_ids):
        yield place, rows(_VOTES, {"statement": statement_id})


def participants(consultation_id: str, after: str, many: int) -> list[str]:
    """The next accounts that have taken part, by id behind `after`."""
    return [row.account_id for row in rows(_TOOK_PART, {"consultation": consultation_id, "after": after, "many": many})]


def author_of(statement_id: str) -> str:
    """The account that has made a statement. Raises Missing."""
    found = one(select(Statement.author_id).where(Statement.id == statement_id))
    if found is None:
        raise Missing
    return str(found.author_id)
