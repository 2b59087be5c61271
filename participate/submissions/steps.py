"""What single moves bring along, and what they leave behind in the row."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from participate.kernel import deadlines
from participate.kernel.clock import now
from participate.kernel.db import db
from participate.kernel.workflow import Actor
from participate.photos import queries as photo_queries
from participate.photos import service as photos
from participate.submissions import joining, search
from participate.submissions.intake import bounded_photos, check_answers, check_catalogue, located, placed
from participate.submissions.kinds import KINDS, OFFICER, check_length, checked_details
from participate.submissions.models import Rating, Submission
from participate.submissions.proposals import service as proposals
from participate.submissions.services import documents
from participate.submissions.services import service as services
from participate.submissions.supervisions import service as supervisions
from participate.submissions.tiles import tile_of
from participate.submissions.workflow import ASSISTANT, AUTHOR, RATE_DAYS, SUBMISSION

CHANGEABLE = ("title", "body", "category")
PLACED = ("place_source", "lat", "lon", "area", "cell", "boundary_version", "edge_m")


def _speaks(actor: Actor) -> bool:
    """Whether it is the author who says so, or whoever relays it for them."""
    return bool(actor.roles & {AUTHOR, ASSISTANT})


def take_changes(row: Submission, actor: Actor, fields: dict[str, Any]) -> None:
    """What the author has mended comes with the resubmission."""
    changes = fields.pop("changes", None) or {}
    if not _speaks(actor) or row.state != "returned":
        return
    held = row.details.get("service")
    if "details" in changes:
        details = checked_details(row.kind, changes["details"])
        papers = details.pop("documents", {})
        documents.check(row.kind, details, papers, [each.code for each in documents.listed(row.id)])
        documents.keep(row.id, actor.account_id or "", papers)
        row.details = details
        supervisions.check(row.kind, row.author_id, row.details)
        supervisions.keep(row)
        check_answers(row.details)  # What the catalogue asks by now concerns only who says anew what it is.
    check_catalogue(changes.get("category", row.category), row.details, row.category, held)
    for name in CHANGEABLE:
        if name in changes:
            setattr(row, name, changes[name])
    check_length(row.kind, row.body, row.details)
    if "place" in changes:
        for column, value in placed(changes["place"]).items():
            setattr(row, column, value)
        row.tile = tile_of(row.lat, row.lon)
        search.place(row)
    if "details" in changes:
        services.check_asker(row.kind, row.details, row.area, row.author_id)
        services.note(row.id, row.kind, row.details)
    if changes.keys() & {"title", "body"}:
        search.keep(row)
    photo_ids = bounded_photos(changes.get("photo_ids", []), len(photo_queries.of_subject(row.id)))
    photos.attach(photo_ids, actor.account_id or "", row.id)
    place_by_photos([row])


def take_photos(row: Submission, actor: Actor, fields: dict[str, Any]) -> None:
    """More photos, before anybody has decided; one that was refused makes room for another."""
    if not _speaks(actor) or row.state not in SUBMISSION.by_name["add_photos"].sources:
        return
    there = sum(photo.state != "refused" for photo in photo_queries.of_subject(row.id))
    photos.attach(bounded_photos(fields.get("photo_ids") or [], there), actor.account_id or "", row.id)
    place_by_photos([row])


def place_by_photos(rows: Iterable[Any]) -> list[Any]:
    """Where nobody has said where it is, a photo may; returns the rows whose columns, PLACED, say so now."""
    unplaced = {row.id: row for row in rows if row.stated is None}
    positions = photo_queries.places_of(unplaced)
    for submission_id, position in positions.items():
        unplaced[submission_id].place_source = "photo"
        for column, value in located(*position).items():
            setattr(unplaced[submission_id], column, value)
        unplaced[submission_id].tile = tile_of(*position)
        search.place(unplaced[submission_id])
    return [unplaced[submission_id] for submission_id in positions]


def keep_rating(row: Submission, actor: Actor, fields: dict[str, Any]) -> None:
    if not _speaks(actor) or row.state != "answered" or actor.account_id is None:
        return
    if fields.get("resolved") is None or fields.get("satisfaction") is None:
        return
    db.session.add(
        Rating(
            submission_id=row.id,
            account_id=row.author_id,
            relayed=AUTHOR not in actor.roles,
            answer=row.reopenings,
            resolved=fields["resolved"],
            satisfaction=fields["satisfaction"],
            comment=fields.get("comment"),
            at=now(),
        )
    )


def nothing_brought(_row: Submission, _actor: Actor, _fields: dict[str, Any]) -> None:
    """Most moves bring nothing of their own."""


def nothing_left(_row: Submission) -> None:
    """Most moves change the state alone."""


def _accepted(row: Submission) -> None:
    supervisions.check_named(row)
    row.handled_at, row.public = now(), KINDS[row.kind].public
    supervisions.look_again(row)


def _vouched(row: Submission) -> None:
    _accepted(row)
    row.tile = tile_of(row.lat, row.lon)


def _answered(row: Submission) -> None:
    if row.source == OFFICER:  # It is closed in a moment.
        return
    due = now() + timedelta(days=RATE_DAYS)
    row.due_at = due
    deadlines.start("submission", row.id, "rate", "calendar_day", due)


def _appealed(row: Submission) -> None:
    row.appeals += 1


def _parted(row: Submission) -> None:
    """It follows no other any more: who came to that one with it is not there any more."""
    if row.merged_into is not None:
        joining.take_back(row.merged_into, row.id)
        proposals.take_back(row.merged_into, row.id)
        row.merged_into = None


def _reopened(row: Submission) -> None:
    row.reopenings += 1


def _hidden(row: Submission) -> None:
    row.public, row.due_at = False, None


def _withdrawn(row: Submission) -> None:
    _hidden(row)
    _parted(row)


def _settled(row: Submission) -> None:
    row.due_at = None


def _adopted(row: Submission, actor: Actor, _shown: dict[str, Any]) -> None:
    row.adopted_by = actor.account_id


def _handed_back(row: Submission, _actor: Actor, _shown: dict[str, Any]) -> None:
    row.adopted_by = None


def _filed(row: Submission, _actor: Actor, shown: dict[str, Any]) -> None:
    row.filed_as, row.told_at = shown["number"], None  # From now on it has a case.


# What a move that is made leaves in the row, of who made it and of what it has brought into the timeline.
LEFT = {"adopt": _adopted, "hand_back": _handed_back, "file": _filed}
BEFORE = {"resubmit": take_changes, "add_photos": take_photos, "rate": keep_rating}
AFTER = {
    "accept": _accepted,
    "vouch": _vouched,
    "answer": _answered,
    "appeal": _appealed,
    "reopen": _reopened,
    "retry": _reopened,
    "split": _parted,
    "release": _parted,
    "withdraw": _withdrawn,
    "rate": _settled,
    "lapse": _settled,
    "close": _settled,
    "stand": _settled,
    "return": _settled,
    "reject": _settled,
    "shelve": _settled,
    "resubmit": proposals.ask_again,
}
