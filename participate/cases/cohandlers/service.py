"""A co-handler's verbs: named, asked for each draft of the reply, and what they say to it."""

from typing import Any

from participate.cases import stead, telling
from participate.cases.cohandlers import queries
from participate.cases.cohandlers.models import CoHandler
from participate.cases.cohandlers.workflow import COHANDLING, NAME, OPEN_STATES, WAITING_STATES, WITHHELD_STATES
from participate.cases.concern import involve
from participate.cases.guards import UNDONE
from participate.cases.holders import asker, partner
from participate.cases.models import Case
from participate.cases.queries import case as visible
from participate.catalogue.service import calendar
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import db, transaction
from participate.kernel.errors import Conflict, Fault, Invalid, Missing, Stale
from participate.kernel.ids import new_id
from participate.kernel.workflow import THE_SYSTEM, Actor, apply, begin, locked

LIMIT = (1, "work_day")  # for each to countersign a draft, from when they were asked


def invite(case: Case, actor: Actor, to: dict[str, Any]) -> None:
    """Let the account or unit that `to` names handle the case too. Raises Invalid for one that cannot, or does so."""
    account, unit = partner(to, case, asker(case))
    if any((each.account, each.unit) == (account, unit) for each in queries.of_case(case.id)):
        raise Invalid(Fault("to", "has_it_already"))
    made = CoHandler(
        id=new_id(),
        case_id=case.id,
        submission_id=case.submission_id,
        account=account,
        unit=unit,
        open=True,
        waits=False,
        named_at=now(),
    )
    made.state, made.version = COHANDLING.initial, 1
    db.session.add(made)
    db.session.flush()
    begin(COHANDLING, made, NAME, actor, shown={"account": account, "unit": unit})
    involve(case, account, unit)
    if case.draft is not None:
        _ask(made)
    _count(case)


def ask_all(case: Case) -> None:
    """There is another draft: whatever was said to the one before counts no more."""
    for each in queries.of_case(case.id):
        _ask(locked(CoHandler, each.id))
    _count(case)


def start_over(case: Case) -> None:
    """The draft counts no more; who leads the case now is no co-handler of it any longer."""
    for each in queries.of_case(case.id):
        row = locked(CoHandler, each.id)
        if {row.account, row.unit} & {case.assignee, case.unit} - {None}:
            _move(row, "release", THE_SYSTEM)
        elif "recall" in COHANDLING.offered(row, THE_SYSTEM):
            _move(row, "recall", THE_SYSTEM)
    case.draft = None
    _count(case)


def move(caller: Caller, case_id: str, cohandler_id: str, name: str, note: str | None, version: int | None) -> None:
    """Make a move that the co-handling offers. Raises Missing where the caller may not see the case.

    Raises Stale where `version` is given and is not the case's.
    """
    visible(caller, case_id)
    with transaction():
        case = locked(Case, case_id)
        row = _of(case, cohandler_id)
        if version is not None and version != case.version:
            raise Stale
        if case.state not in UNDONE:
            raise Conflict("wrong_state")
        seen = telling.seen(case)
        actor = queries.actor(caller, case, row)
        if name in COHANDLING.offered(row, actor):
            _check(case, actor, name)
        _move(row, name, actor, note)
        involve(case, actor.account_id)
        _count(case)
        telling.tell(case, name, seen)


def _check(case: Case, actor: Actor, name: str) -> None:
    """Nobody stands by a text that they wrote in the lead's stead. Raises Conflict, and as `stead.check`."""
    stead.check(case, actor, COHANDLING.by_name[name])
    if name == "countersign" and stead.has_drafted(case.id, actor.account_id):
        raise Conflict("own_work")


def miss(cohandler_id: str) -> None:
    """No word in time; nothing happens where there was one before the worker looked, or another draft."""
    with transaction():
        case = locked(Case, queries.case_of(cohandler_id))  # First the case, as everybody else takes them.
        row = locked(CoHandler, cohandler_id)
        if deadlines.missed(cohandler_id, "countersign") and "miss" in COHANDLING.offered(row, THE_SYSTEM):
            _move(row, "miss", THE_SYSTEM)
            _count(case)
            telling.tell(case, "miss", telling.seen(case))


def _of(case: Case, cohandler_id: str) -> CoHandler:
    row = locked(CoHandler, cohandler_id)
    if row.case_id != case.id:
        raise Missing
    return row


def _ask(row: CoHandler) -> None:
    row.due_at, row.asked_at = calendar().due_at(now(), *LIMIT), now()
    row.answered_at = row.answered_by = row.reason = None
    _move(row, "ask", THE_SYSTEM)
    deadlines.start("cohandler", row.id, "countersign", LIMIT[1], row.due_at)


def _move(row: CoHandler, name: str, actor: Actor, note: str | None = None) -> None:
    given = {"note"} if actor is THE_SYSTEM else set[str]()
    apply(COHANDLING, row, name, actor, note=note, given=given)
    row.open, row.waits = row.state in OPEN_STATES, row.state in WAITING_STATES
    if name in {"countersign", "decline"}:
        row.answered_at, row.answered_by, row.reason = now(), actor.account_id, note if name == "decline" else None


def _count(case: Case) -> None:
    """What the case's own guards and lists ask about, kept with it under its lock."""
    states = [row.state for row in queries.of_case(case.id)]
    case.cohandlers = len(states)
    case.unsigned = len(states) - states.count("countersigned")
    case.withheld = sum(state in WITHHELD_STATES for state in states)
    if not states:
        case.draft = None
