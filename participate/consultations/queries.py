"""Reads of consultations."""

from collections.abc import Iterator, Sequence
from heapq import nlargest
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, select

from participate.consultations.models import Consultation, Participant, Round, Statement, Vote
from participate.consultations.priorities import weight
from participate.consultations.workflow import HIDDEN, MODERATOR, ON_TIME, ROUND, STATEMENT
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
    *(Consultation.sides, Consultation.parts, Consultation.rounds),
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
# Rounds of one consultation, in the order in which they are held: those that everybody sees, and all.
ROUNDS = select(*Round.__table__.columns).where(Round.consultation_id == bindparam("consultation"))
TOLD_ROUNDS = ROUNDS.where(Round.state.not_in(HIDDEN))
ROUND_KEYS = (Round.opens_at, Round.id)
_HELD_ROUNDS = Round.state.not_in(("cancelled", "dropped"))  # Whether it is, or was, the time of a round counts by day.
_NOW = and_(Round.consultation_id == Consultation.id, _HELD_ROUNDS, Round.opens_at <= bindparam("now"))
# Whether votes count now; and under which lock: whoever ends it waits for those who have got in before, and they do not
# wait for each other when they say that there is something to draw.
STANDING = (
    select(Submission.state, Consultation.closes_at, Consultation.sides, Consultation.rounds, Round.invited_only)
    .select_from(Consultation)
    .join(Submission, Submission.id == Consultation.id)
    .outerjoin(Round, and_(_NOW, Round.closes_at > bindparam("now")))
    .where(Consultation.id == bindparam("id"))
    .with_for_update(read=True, key_share=True, of=(Consultation, Submission))
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


def sides_of(consultation_id: str) -> Any:
    """The sides that are invited to it. Raises Missing."""
    found = one(select(Consultation.sides).where(Consultation.id == consultation_id))
    if found is None:
        raise Missing
    return found.sides


def author_of(statement_id: str) -> str:
    """The account that has made a statement. Raises Missing."""
    found = one(select(Statement.author_id).where(Statement.id == statement_id))
    if found is None:
        raise Missing
    return str(found.author_id)


def one_round(caller: Caller, row: AnyRow, round_id: str) -> AnyRow:
    """A round of the consultation `row`. Raises Missing, also for one that nobody but its staff has heard of."""
    statement = ROUNDS if actor(caller, row).roles else TOLD_ROUNDS
    found = one(statement.where(Round.id == bindparam("id")), {"consultation": row.id, "id": round_id})
    if found is None:
        raise Missing
    return found


def present_round(row: AnyRow, who: Actor) -> dict[str, Any]:
    """A round as the API shows it in lists, without its papers."""
    shown = ("id", "number", "title", "state", "notice_at", "opens_at", "closes_at", "invited_only", "version")
    plain = {name: getattr(row, name) for name in shown}
    return plain | {"stage": ROUND.stages[row.state], "moves": ROUND.offered(row, who)}


def consultation_of(round_id: str) -> str:
    """The consultation whose round it is. Raises Missing."""
    found = one(select(Round.consultation_id).where(Round.id == round_id))
    if found is None:
        raise Missing
    return str(found.consultation_id)


def running_rounds(consultation_id: str) -> list[str]:
    """The rounds that the clock still acts on."""
    found = ROUNDS.with_only_columns(Round.id).where(Round.state.in_(tuple(ON_TIME)))
    return [row.id for row in rows(found, {"consultation": consultation_id})]


def last_end(consultation_id: str) -> Any:
    """When the last round ends that is held; None where none is."""
    ends = ROUNDS.with_only_columns(func.max(Round.closes_at).label("at")).where(_HELD_ROUNDS)
    (found,) = rows(ends, {"consultation": consultation_id})
    return found.at


def overlaps(made: Round) -> bool:
    """Whether another round that is held is at the same time."""
    others = ROUNDS.where(_HELD_ROUNDS, Round.id != made.id)
    found = others.where(Round.opens_at < made.closes_at, Round.closes_at > made.opens_at)
    return one(found, {"consultation": made.consultation_id}) is not None


def has_begun(consultation_id: str) -> bool:
    """Whether somebody has taken part, or has heard of a round."""
    asked = {"consultation": consultation_id}
    took_part = select(Participant.account_id).where(Participant.consultation_id == bindparam("consultation"))
    return one(took_part.limit(1), asked) is not None or one(TOLD_ROUNDS.limit(1), asked) is not None
