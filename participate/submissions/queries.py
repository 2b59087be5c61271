"""Reads of submissions; who may see a row is part of the statement."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, bindparam, case, exists, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from participate.kernel.auth import Caller, Grant
from participate.kernel.db import AnyRow, AnySelect, is_sqlite, one, rows
from participate.kernel.errors import Missing
from participate.kernel.scopes import in_scope, roles_for, said, subtree
from participate.kernel.workflow import Actor, TimelineEntry
from participate.submissions import search
from participate.submissions.kinds import SEALED, SEALED_ROLES
from participate.submissions.models import REGIONS, Submission, SubmissionJoin, region
from participate.submissions.nameless import receipts
from participate.submissions.proposals import standing
from participate.submissions.supervisions.barring import barred
from participate.submissions.workflow import ASSISTANT, AUTHOR

# Who sees what waits for moderation, and who sees what has been accepted, in their scope.
BEFORE_ACCEPTANCE = ("moderator", "auditor")
# Who may file for somebody, and goes on seeing that, while it lies in their scope.
HELPERS = ("grid_officer", "dispatcher")
AFTER_ACCEPTANCE = ("grid_officer", "dispatcher", "handler", "supervisor", "evaluator")

# Whether a caller handles a submission together with others, though it does not lie in their scope.
Joins = Callable[[Caller, str], bool]

# What a list shows of a submission, and what its author's own list shows besides.
LISTED = (
    Submission.id,
    Submission.reference,
    Submission.kind,
    Submission.title,
    Submission.category,
    Submission.state,
    Submission.created_at,
    Submission.updated_at,
    Submission.due_at,
    Submission.version,
    Submission.area,
    Submission.cell,
    Submission.lat,
    Submission.lon,
    Submission.source,
)
OWN = (*LISTED, Submission.stated)
# What is shown of one, and what says who may do what with it.
_WHOLE = (
    *OWN,
    Submission.body,
    Submission.details,
    Submission.place_source,
    Submission.anonymous,
    Submission.receipt,
    Submission.author_id,
    Submission.unit,
    Submission.appeals,
    Submission.reopenings,
    Submission.redacted,
    Submission.joined,
    Submission.merged_into,
    Submission.filed_as,
    Submission.cosign_until,
    Submission.adopted_by,
    Submission.helped_by,
)


def at_desk(caller: Caller) -> ColumnElement[bool]:
    """The condition that the caller, `:me`, handles a submission, or watches over those who do."""
    held = Submission
    if not caller.grants:
        return false()
    early = in_scope(caller, BEFORE_ACCEPTANCE, held.area)
    late = and_(held.handled_at.is_not(None), in_scope(caller, AFTER_ACCEPTANCE, held.area, held.unit))
    sealed = in_scope(caller, SEALED_ROLES.intersection(AFTER_ACCEPTANCE), held.area)
    return and_(or_(early, and_(late, or_(held.kind != SEALED, sealed))), not_kept(caller.grants))


def not_kept(grants: tuple[Grant, ...]) -> ColumnElement[bool]:
    """The condition that a submission is not kept from the caller, `:me`, because it is about their own work."""
    return or_(Submission.kind != SEALED, ~barred(grants, Submission.id))


def seen(caller: Caller, submission_id: str) -> AnyRow:
    """The row with `is_own`, `is_helper` (filed by them for its author) and `is_desk`. Raises Missing if hidden.

    Whoever is let in by `participate.joining` handles it together with those whose scope it lies in, and sees what
    they see.
    """
    asked = {"id": submission_id, "me": caller.account_id}
    found = one(_seen(caller.grants), asked)
    if found is not None and (found.is_own or found.is_desk or found.is_helper):
        return found
    joins: Joins = current_app.extensions["participate.joining"]
    if caller.has(*AFTER_ACCEPTANCE) and joins(caller, submission_id):
        found = one(_seen(caller.grants, joins=True), asked)
    if found is None:
        raise Missing
    return found


@lru_cache(maxsize=1024)
def _seen(grants: tuple[Grant, ...], joins: bool = False) -> AnySelect:
    """Put together once for each set of grants: that takes several times as long as running it."""
    held = Submission
    mine, desk = held.author_id == bindparam("me"), not_kept(grants) if joins else at_desk(Caller(grants=grants))
    there = and_(in_scope(Caller(grants=grants), HELPERS, held.area), held.kind != SEALED)
    helped = and_(held.helped_by == bindparam("me"), there)
    too = exists().where(SubmissionJoin.submission_id == held.id, SubmissionJoin.account_id == bindparam("me"))
    statement = select(
        *_WHOLE,
        func.coalesce(mine, false()).label("is_own"),
        func.coalesce(helped, false()).label("is_helper"),
        desk.label("is_desk"),
        too.label("has_joined"),
    )
    reached = or_(held.public.is_(True), mine, helped, desk, standing.ASKED_TO_SIGN)
    return statement.where(held.id == bindparam("id"), reached)


def visible_to(caller: Caller, submission_id: str) -> None:
    """Raises Missing where the caller may not see the submission."""
    seen(caller, submission_id)


def level(caller: Caller, submission_id: str) -> str | None:
    """How the caller sees the submission: "public", "author", "desk", or not at all."""
    try:
        row = seen(caller, submission_id)
    except Missing:
        return None
    return audience(row)


def audience(row: AnyRow) -> str:
    """As whom somebody who has `seen` it sees it; who has filed it for its author sees what they see."""
    return "desk" if row.is_desk else "author" if row.is_own or row.is_helper else "public"


def actor(caller: Caller, row: Any) -> Actor:
    """The caller with the roles that it holds towards this row."""
    roles = roles_for(caller, row.area, row.unit) - {"resident"}
    if row.kind == SEALED:
        roles &= SEALED_ROLES
    if row.author_id == caller.account_id:
        roles |= {AUTHOR}
    elif row.helped_by == caller.account_id is not None and roles.intersection(HELPERS):
        roles |= {ASSISTANT}
    return Actor(caller.account_id, roles | standing.towards(caller, row))


# The author's own, whatever their state; `me` is the author.
OWN_LIST = select(*OWN).where(Submission.author_id == bindparam("me"))
# What everyone may see, and what it may be narrowed by.
FILTERS = ("kind", "category", "state", "area", "updated_after", "bbox", "filed", "q")
PUBLIC_LIST = select(*LISTED).where(Submission.public.is_(True))


def public_list(filters: dict[str, Any]) -> tuple[AnySelect, Sequence[Any]]:
    """What everyone may see, narrowed by the API's filters, and the keys of its order. Raises Invalid for a bad `q`.

    The newest come first; among those changed since a moment, what was changed last.
    """
    held, given = Submission, {name: filters[name] for name in FILTERS if name in filters}
    if given.keys() <= {"q", "area"} and "q" in given:
        found = search.newest_first(LISTED, given["q"], given.get("area"))
        if found is not None:
            return found, [found.selected_columns.number]
    conditions = list(_narrowed(given))
    if "q" in given:
        statement = select(*LISTED, search.NUMBER).where(held.public.is_(True), *conditions)
        return search.narrowed(statement, given["q"]), [search.NUMBER]
    statement = PUBLIC_LIST.where(*conditions) if conditions else PUBLIC_LIST
    return statement, [held.updated_at, held.id] if "updated_after" in given else [held.id]


def _narrowed(given: dict[str, Any]) -> Iterator[ColumnElement[bool]]:
    """The condition that each of the filters makes, but for the search."""
    held = Submission
    for name in given.keys() & {"kind", "category", "state"}:
        yield getattr(held, name) == given[name]
    if "area" in given:
        yield subtree(held.area, given["area"]) if "q" in given else within(held.area, given["area"])
    if "filed" in given:
        yield standing.filed(given["filed"])
    if "updated_after" in given:
        yield held.updated_at > said(given["updated_after"], held.updated_at)
    if "bbox" in given:
        west, south, east, north = given["bbox"]
        yield held.lon.between(said(west, held.lon), said(east, held.lon))
        yield held.lat.between(said(south, held.lat), said(north, held.lat))


def within(held: InstrumentedAttribute[Any], area: str) -> ColumnElement[bool]:
    """The condition that what `held` names lies in `area`: as an index says it that is in the order of the list."""
    if is_sqlite() or len(area) not in REGIONS:
        return subtree(held, area)
    return region(held, len(area)) == said(area, held)


_HEARS = {"public": ("public",), "author": ("public", "author"), "desk": ("public", "author", "desk")}


@cache
def timeline(audience: str) -> AnySelect:
    """What happened to `:thread`, as far as `audience` ("public", "author" or "desk") may know.

    Notes it may not read are null, and so is what came with them, but for what the step's words speak of (`brought`).
    """
    held = TimelineEntry
    readable = held.note_to.in_(_HEARS[audience])
    return select(
        held.at,
        held.subject_type,
        held.move,
        held.source,
        held.target,
        held.actor_role,
        case((readable, held.note)).label("note"),
        case((readable, held.data)).label("data"),
        held.data.label("brought"),
        held.id,
    ).where(held.thread_id == bindparam("thread"), held.shown_to.in_(_HEARS[audience]))


_RETURNED = select(TimelineEntry.note, TimelineEntry.data).where(
    TimelineEntry.subject_id == bindparam("submission"), TimelineEntry.move == "return"
)
_LAST_RETURNED = _RETURNED.order_by(TimelineEntry.version.desc()).limit(1)


def returned(submission_id: str) -> AnyRow | None:
    """With what `note` and `data` it was returned to its author the last time."""
    return one(_LAST_RETURNED, {"submission": submission_id})


REPLIES = timeline("public").where(TimelineEntry.note_to == "public").order_by(TimelineEntry.id)
_BY_RECEIPT = select(*LISTED, Submission.merged_into).where(
    Submission.receipt.in_(bindparam("receipts", expanding=True))
)


def by_receipt(receipt: str) -> AnyRow:
    """The row that a receipt belongs to. Raises Missing."""
    found = one(_BY_RECEIPT, {"receipts": receipts.forms(receipt)})
    if found is None:
        raise Missing
    return found


_BRIEF = select(
    Submission.id,
    Submission.reference,
    Submission.kind,
    Submission.state,
    Submission.author_id,
    Submission.title,
    Submission.body,
    Submission.category,
    Submission.details,
    Submission.area,
    Submission.cell,
    Submission.lat,
    Submission.lon,
    Submission.due_at,
    Submission.created_at,
    Submission.urgent,
    Submission.version,
    Submission.public,
    Submission.source,
    Submission.helped_by,
).where(Submission.id.in_(bindparam("ids", expanding=True)))


def briefs(submission_ids: Collection[str]) -> dict[str, AnyRow]:
    """What higher rooms need to know of submissions, by id."""
    return {row.id: row for row in rows(_BRIEF, {"ids": list(submission_ids)})}


def brief(submission_id: str) -> AnyRow:
    """What higher rooms need to know of a submission. Raises Missing."""
    found = briefs([submission_id])
    if not found:
        raise Missing
    return found[submission_id]


def accepted_at(submission_id: str) -> datetime | None:
    """When it was accepted."""
    found = one(select(Submission.handled_at).where(Submission.id == submission_id))
    return found.handled_at if found is not None else None
