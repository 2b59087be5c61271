"""A consultation's verbs: it opens, people state and vote, and moderators let statements in."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from participate.accounts.models import Account
from participate.consultations import queries, sides, signs
from participate.consultations.models import Consultation, Participant, Statement, Vote
from participate.consultations.workflow import ADD, STATEMENT
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import db, execute, one, rows, table, transaction
from participate.kernel.errors import Conflict, Forbidden, Missing
from participate.kernel.ids import new_id
from participate.kernel.inserting import inserting
from participate.kernel.workflow import Actor, apply, begin, locked
from participate.submissions import queries as submissions

MOST_EACH = 20  # statements of one person in a consultation
PAUSE = timedelta(minutes=1)  # So long votes gather before they are drawn.
_CONSULTATIONS, _STATEMENTS, _VOTES = table(Consultation), table(Statement), table(Vote)
_PARTICIPANTS = table(Participant)
_VOTED = ("value", "sides", "at")
_COLUMNS = {1: "agrees", -1: "disagrees", 0: "passes"}


def opened(submission_id: str) -> None:
    """A submission of that kind has opened: it takes statements from now on. Doing it twice does no harm."""
    made = inserting(_CONSULTATIONS)
    area = submissions.brief(submission_id).area
    given = {"id": submission_id, "area": area, "stale": False, "memory": {}, "outcomes": [], "version": 1}
    with transaction():
        execute(made.values(given).on_conflict_do_nothing())


def state_something(caller: Caller, consultation_id: str, text: str, address: str | None = None) -> str:
    """Add a statement, which waits for a moderator; returns its id. `address` is whence the caller does.

    Raises Missing, Conflict once it is over (`consultation_over`), no round is open (`between_rounds`) or there are
    enough (`stated_enough`), and Forbidden (`not_invited`).
    """
    row = queries.consultation(caller, consultation_id)
    author_id = str(caller.account_id)
    with transaction():
        locked(Account, author_id)
        belongs = _admitted(caller, row.id)
        if queries.count_by(row.id, author_id) >= MOST_EACH or queries.count(row.id) >= queries.MOST_SHOWN:
            raise Conflict("stated_enough")
        made = Statement(id=new_id(), consultation_id=row.id, author_id=author_id, text=text, sides=belongs)
        made.state, made.version, made.created_at = STATEMENT.initial, 1, now()
        db.session.add(made)
        db.session.flush()
        begin(STATEMENT, made, ADD, Actor.of(author_id, "participant"))
        _take_part(row.id, author_id, address)
    return str(made.id)


def move_statement(
    caller: Caller, consultation_id: str, statement_id: str, name: str, note: str | None, version: int | None = None
) -> None:
    """Show it or refuse it. Raises Missing, Forbidden for who does not moderate here, Conflict, Stale."""
    row = queries.consultation(caller, consultation_id)
    queries.statement(row.id, statement_id, caller.account_id)
    with transaction():
        one(queries.STANDING, {"id": row.id, "now": now()})  # First, as for whoever votes, or keeps what is drawn.
        made = locked(Statement, statement_id)
        apply(STATEMENT, made, name, queries.actor(caller, row), note=note, expected_version=version)
        mark(row.id)


def vote(caller: Caller, consultation_id: str, statement_id: str, value: int, address: str | None = None) -> None:
    """Agree (1), disagree (-1) or pass (0), from this address; the last word counts, until the end.

    Raises as `state_something`, and Missing for what is not shown.
    """
    row = queries.consultation(caller, consultation_id)
    account_id = str(caller.account_id)
    with transaction():
        belongs = _admitted(caller, row.id)
        held, mine = _STATEMENTS.c, _VOTES.c
        # Whoever votes on a statement waits for the one before: so its counts are those of its votes.
        shown = select(held.id).where(held.id == statement_id, held.consultation_id == row.id, held.state == "shown")
        if one(shown.with_for_update()) is None:
            raise Missing
        before = one(select(mine.value).where(mine.statement_id == statement_id, mine.account_id == account_id))
        if before is not None and before.value == value:
            return
        given = {"statement_id": statement_id, "account_id": account_id, "value": value, "sides": belongs, "at": now()}
        made = inserting(_VOTES).values(given)
        execute(
            made.on_conflict_do_update(
                index_elements=["statement_id", "account_id"], set_={name: given[name] for name in _VOTED}
            )
        )
        steps = {_COLUMNS[value]: 1} | ({_COLUMNS[before.value]: -1} if before is not None else {})
        counted = {name: held[name] + step for name, step in steps.items()}
        execute(update(_STATEMENTS).where(held.id == statement_id).values(counted))
        if before is None:
            _take_part(row.id, account_id, address)
        mark(row.id)


def _take_part(consultation_id: str, account_id: str, address: str | None) -> None:
    """Whoever has stated something or voted hears what comes of it."""
    made = inserting(_PARTICIPANTS)
    given = {"consultation_id": consultation_id, "account_id": account_id, "at": now()}
    execute(made.values(given | {"address": signs.hidden(consultation_id, address)}).on_conflict_do_nothing())


def _admitted(caller: Caller, consultation_id: str) -> int:
    """To which sides the caller belongs, as it is kept, where they may take part now.

    Raises Conflict once it is over or no round is open, and Forbidden where the round is for others.
    """
    found = one(queries.STANDING, {"id": consultation_id, "now": now()})
    if found is None or is_over(found):
        raise Conflict("consultation_over")
    if found.rounds and found.invited_only is None:
        raise Conflict("between_rounds")
    belongs = sides.of(caller, found.sides)
    if found.invited_only and not belongs:
        raise Forbidden("not_invited")
    return belongs


def is_over(row: Any) -> bool:
    """Whether no more votes count, by its `state` and `closes_at`."""
    return row.state != "open" or (row.closes_at is not None and row.closes_at <= now())


def mark(consultation_id: str) -> None:
    """What is drawn is stale; the first to say so sets the time by which it is drawn anew."""
    held = _CONSULTATIONS.c
    first = update(_CONSULTATIONS).where(held.id == consultation_id, held.stale.is_(False)).values(stale=True)
    if rows(first.returning(held.id)):
        deadlines.start("consultation", consultation_id, "picture", "calendar_day", now() + PAUSE)
