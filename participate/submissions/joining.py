"""Who says "me too" of a submission: they count as affected, hear of every public step, and may rate the outcome."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Update, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, add, execute, one, rows, table, transaction
from participate.kernel.errors import Conflict, Fault, Invalid, Stale
from participate.kernel.ids import new_id
from participate.kernel.inserting import inserting
from participate.kernel.workflow import TimelineEntry, locked
from participate.submissions import queries
from participate.submissions.models import Rating, Submission, SubmissionJoin
from participate.submissions.workflow import RATE_DAYS

_OVER = frozenset({"withdrawn", "rejected", "merged", "closed"})
_RATEABLE = frozenset({"answered", "closed"})
_JOINS, _SUBMISSIONS = table(SubmissionJoin), table(Submission)
_NEW_RATING = insert(table(Rating))


def join(caller: Caller, submission_id: str) -> None:
    """Say "me too"; a second time changes nothing.

    Raises Missing, and Conflict for one's own (`joined_own`) and for what is not public or over (`not_joinable`).
    """
    queries.visible_to(caller, submission_id)
    with transaction():
        row = locked(Submission, submission_id)
        if row.author_id == caller.account_id:
            raise Conflict("joined_own")
        if not row.public or row.state in _OVER:
            raise Conflict("not_joinable")
        bring(submission_id, [str(caller.account_id)])


def leave(caller: Caller, submission_id: str) -> None:
    """Say it no more; who never said it leaves nothing. Raises Missing."""
    queries.visible_to(caller, submission_id)
    with transaction():
        locked(Submission, submission_id)
        held = _JOINS.c
        _take(submission_id, held.account_id == caller.account_id)


def take(submission_id: str, account_id: str) -> None:
    """Let an account be no longer among those who joined a submission that the caller has locked."""
    _take(submission_id, _JOINS.c.account_id == account_id)


def bring(submission_id: str, account_ids: Collection[str], merged_id: str | None = None) -> None:
    """Let accounts join a submission that the caller has locked; those who have joined already count once.

    Who came along with `merged_id` and then says so themselves has joined whatever becomes of that one.
    """
    made = inserting(_JOINS)
    given = {"submission_id": submission_id, "merged_id": merged_id, "at": now()}
    came = 0
    for account_id in sorted(account_ids):
        new = made.values(given | {"account_id": account_id}).on_conflict_do_nothing().returning(_JOINS.c.account_id)
        came += len(rows(new))
    _count(submission_id, came)
    if merged_id is None:
        held = _JOINS.c
        mine = held.submission_id == submission_id, held.account_id.in_(account_ids), held.merged_id.is_not(None)
        execute(update(_JOINS).where(*mine).values(merged_id=None))


def _who_stay() -> Update:
    """Who came with the one that `:leaves` and follows `:target` by another one too, came with that."""
    joins, also, other = _JOINS.c, aliased(SubmissionJoin), aliased(Submission)
    theirs = exists().where(also.submission_id == other.id, also.account_id == joins.account_id)
    another = (
        select(other.id)
        .where(other.merged_into == bindparam("target"), other.state == "merged", other.id != bindparam("leaves"))
        .where(or_(other.author_id == joins.account_id, theirs))
        .order_by(other.id)
        .limit(1)
        .correlate(_JOINS)
        .scalar_subquery()
    )
    came = joins.submission_id == bindparam("target"), joins.merged_id == bindparam("leaves")
    return update(_JOINS).where(*came).values(merged_id=func.coalesce(another, joins.merged_id))


_STAY = _who_stay()
_FOLLOWING = select(Submission.author_id, Submission.merged_into).where(Submission.id == bindparam("id"))


def take_back(submission_id: str, merged_id: str) -> None:
    """Who came only with the submission `merged_id` is no longer among those who joined this one.

    Nor among those who joined what this one follows by now, where they came along.
    """
    with transaction():
        execute(_STAY, {"target": submission_id, "leaves": merged_id})
        gone = _take(submission_id, _JOINS.c.merged_id == merged_id)
        this = one(_FOLLOWING, {"id": submission_id})
        while gone and this is not None and this.merged_into is not None:
            came = _JOINS.c.merged_id == submission_id, _JOINS.c.account_id.in_(gone - {this.author_id})
            gone, submission_id = _take(this.merged_into, *came), this.merged_into
            this = one(_FOLLOWING, {"id": submission_id})


def _take(submission_id: str, *conditions: Any) -> set[str]:
    """Take the joins away that meet these; returns whose they were."""
    gone = delete(_JOINS).where(_JOINS.c.submission_id == submission_id, *conditions).returning(_JOINS.c.account_id)
    accounts = {row.account_id for row in rows(gone)}
    _count(submission_id, -len(accounts))
    return accounts


def _count(submission_id: str, step: int) -> None:
    if step:
        held = _SUBMISSIONS.c
        execute(update(_SUBMISSIONS).where(held.id == submission_id).values(joined=held.joined + step))


_AFTER = (
    select(SubmissionJoin.account_id)
    .where(SubmissionJoin.submission_id == bindparam("submission"), SubmissionJoin.account_id > bindparam("after"))
    .order_by(SubmissionJoin.account_id)
    .limit(bindparam("many"))
)
FIRST = "00000000-0000-0000-0000-000000000000"


def page_of(submission_id: str, after: str, many: int) -> list[str]:
    """The next accounts that have joined, by id behind `after` (FIRST to begin with)."""
    return [row.account_id for row in rows(_AFTER, {"submission": submission_id, "after": after, "many": many})]


_SOME = select(Submission.id).where(Submission.id.in_(bindparam("ids", expanding=True)), Submission.joined > 0)


def joined_ones(submission_ids: Collection[str]) -> set[str]:
    """Those of these submissions that somebody has joined."""
    return {row.id for row in rows(_SOME, {"ids": list(submission_ids)})} if submission_ids else set()


def has_joined(account_id: str | None, submission_id: str) -> bool:
    """Whether the account has."""
    held = SubmissionJoin
    asked = select(held.at).where(held.submission_id == submission_id, held.account_id == account_id)
    return account_id is not None and one(asked) is not None


def rate(row: Submission, account_id: str, fields: dict[str, Any], expected_version: int | None = None) -> None:
    """Keep what somebody who has joined thinks of the outcome; it changes nothing else.

    Raises Stale, Invalid where something is lacking, and Conflict for another state, too late, or a second time.
    """
    if expected_version is not None and expected_version != row.version:
        raise Stale
    answer = _answer(row, account_id)
    if not _is_rateable(row, answer):
        raise Conflict("wrong_state")
    lacking = [name for name in ("resolved", "satisfaction") if fields.get(name) is None]
    if lacking:
        raise Invalid(*(Fault(name, "required") for name in lacking))
    if answer.is_rated:
        raise Conflict("rated_already")
    given = {name: fields.get(name) for name in ("resolved", "satisfaction", "comment")}
    who = {"id": new_id(), "submission_id": row.id, "account_id": account_id, "answer": row.reopenings, "at": now()}
    add(_NEW_RATING, who | given)


def may_rate(row: Any, account_id: str | None) -> bool:
    """Whether somebody may rate the outcome because they have joined, which `row.has_joined` says."""
    if not row.has_joined or row.state not in _RATEABLE:
        return False
    answer = _answer(row, account_id)
    return _is_rateable(row, answer) and not answer.is_rated


def _is_rateable(row: Any, answer: Any) -> bool:
    """Whether it has an answer, which somebody may still rate: the time runs from that, not from its closing."""
    return row.state in _RATEABLE and answer.at is not None and answer.at + timedelta(days=RATE_DAYS) >= now()


_RATED = exists().where(
    Rating.submission_id == bindparam("submission"),
    Rating.account_id == bindparam("account"),
    Rating.answer == bindparam("answer"),
)
_ANSWER = select(func.max(TimelineEntry.at).label("at"), _RATED.label("is_rated")).where(
    TimelineEntry.subject_id == bindparam("submission"), TimelineEntry.move == "answer"
)


def _answer(row: Any, account_id: str | None) -> AnyRow:
    """When the present answer was given (`at`, None without one), and whether the account has rated it (`is_rated`)."""
    (found,) = rows(_ANSWER, {"submission": row.id, "account": account_id, "answer": row.reopenings})
    return found


# What the caller, `me`, has joined; each is looked up by itself, since by a plain equality PostgreSQL would merge the
# two, and read all submissions that are younger than what somebody has joined long ago.
_EACH = func.coalesce(SubmissionJoin.submission_id, SubmissionJoin.submission_id)
JOINED_LIST = (
    select(*queries.LISTED)
    .join(SubmissionJoin, Submission.id == _EACH)
    .where(SubmissionJoin.account_id == bindparam("me"), Submission.public.is_(True))
    .add_columns(SubmissionJoin.submission_id)
)
JOINED_KEYS: Sequence[Any] = (SubmissionJoin.submission_id,)
