"""A broadcast's verbs: announced, read by somebody else where it goes to many, told page by page, stopped."""

from datetime import timedelta
from typing import Any

from participate.accounts.models import Account
from participate.kernel import deadlines
from participate.kernel.auth import Caller
from participate.kernel.clock import now
from participate.kernel.db import db, transaction
from participate.kernel.errors import Conflict, Fault, Forbidden, Invalid
from participate.kernel.ids import new_id
from participate.kernel.scopes import roles_for
from participate.kernel.workflow import THE_SYSTEM, Actor, apply, begin, locked
from participate.places import queries as places
from participate.submissions.joining import FIRST
from participate.updates import concerns
from participate.updates import service as updates
from participate.updates.broadcasts import queries
from participate.updates.broadcasts.models import Broadcast
from participate.updates.broadcasts.workflow import ANNOUNCE, BROADCAST, ROLES

ALONE = 1000  # people; to more nobody speaks alone.
MOST_A_DAY = 5  # of one author
PAGE = 500  # people told at one go
PAUSE = timedelta(seconds=10)  # between two of them, in which it can be stopped


def rehearse(caller: Caller, area: str) -> dict[str, Any]:
    """How many `people` a notice would reach, and whether it `needs_consent`. Raises as `announce`."""
    _actor(caller, area)
    people = queries.people(area)
    return {"people": people, "needs_consent": people > ALONE}


def announce(caller: Caller, fields: dict[str, Any]) -> str:
    """Say something to whoever follows a cell in an area; returns its id.

    To at most ALONE people it goes at once. Raises Invalid for an unknown area, Forbidden for one that the caller does
    not answer for as a whole, and Conflict (`broadcasts_enough`) beyond MOST_A_DAY.
    """
    actor, author_id = _actor(caller, fields["area"]), str(caller.account_id)
    with transaction():
        locked(Account, author_id)
        if queries.made_since(author_id, now() - timedelta(days=1)) >= MOST_A_DAY:
            raise Conflict("broadcasts_enough")
        people = queries.people(fields["area"])
        who = {"id": new_id(), "author_id": author_id, "people": people, "created_at": now(), "after_account": FIRST}
        made = Broadcast(**{"text_en": None} | fields | who, told=0, after_area="")
        made.state, made.version = BROADCAST.initial, 1
        db.session.add(made)
        db.session.flush()
        begin(BROADCAST, made, ANNOUNCE, actor)
        if people <= ALONE:
            _move(made, "release", THE_SYSTEM)
    return str(made.id)


def _actor(caller: Caller, area: str) -> Actor:
    if places.area(area) is None:
        raise Invalid(Fault("area", "unknown_code"))
    actor = Actor(caller.account_id, roles_for(caller, area) & frozenset(ROLES))
    if not actor.roles:
        raise Forbidden("not_your_area")
    return actor


def move(caller: Caller, broadcast_id: str, name: str, note: str | None, version: int | None = None) -> None:
    """Make a move that the broadcast offers. Raises Missing where the caller may not see it."""
    queries.broadcast(caller, broadcast_id)
    with transaction():
        made = locked(Broadcast, broadcast_id)
        _move(made, name, queries.actor(caller, made), note, version)


def _move(made: Broadcast, name: str, actor: Actor, note: str | None = None, version: int | None = None) -> None:
    done = apply(BROADCAST, made, name, actor, note=note, expected_version=version)
    if actor is not THE_SYSTEM:
        made.decided_by = actor.account_id
    if "page" in done.starts:
        deadlines.start("broadcast", made.id, "page", "calendar_day", now())


def tell_some(broadcast_id: str) -> None:
    """Tell the next page of people; a broadcast that has been stopped meanwhile tells nobody more."""
    with transaction():
        made = locked(Broadcast, broadcast_id)
        if made.state != "sending":
            return
        page = queries.page_of(made, PAGE)
        told = sorted({row.account_id for row in page})
        updates.append([_entry(made) | {"account_id": account_id} for account_id in told])
        made.told += len(told)
        if len(page) < PAGE:
            _move(made, "finish", THE_SYSTEM)
        else:
            made.after_area, made.after_account = page[-1].area, page[-1].account_id
            deadlines.start("broadcast", made.id, "page", "calendar_day", now() + PAUSE)


def _entry(made: Broadcast) -> dict[str, Any]:
    area = places.area(made.area)
    said = {"zh-Hans": made.text, "en": made.text_en or made.text}
    return {
        "fact_id": made.id,
        "at": now(),
        "submission_id": None,
        "move": "announce",
        "words": "step.broadcast.announce",
        "concern": concerns.AREA,
        "urgent": made.urgent,
        "values": {"area": area.name if area else made.area, "note": made.text, "said": said},
    }
