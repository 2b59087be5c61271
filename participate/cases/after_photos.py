"""What makes one doubt an after-photo: it shows nothing, was there before, elsewhere, or before the work began."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from participate.cases import queries
from participate.cases.models import Case
from participate.cases.parts import queries as parts
from participate.kernel.db import AnyRow, execute, one, rows, table, transaction
from participate.kernel.workflow import TimelineEntry
from participate.photos import alike
from participate.photos import queries as photos
from participate.photos.models import AFTER, DRAFT
from participate.places.coordinates import Point, metres
from participate.submissions import queries as submissions

# Whoever verifies sees these codes and what they mean; they decide nothing by themselves.
BEFORE, REUSED, ANOTHERS, FAR_OFF, TOO_OLD, UNUSABLE = AFTER_FLAGS = (
    "after_is_before",
    "after_reused",
    "after_is_anothers",
    "after_far_off",
    "after_too_old",
    "after_unusable",
)
NEAR_M = 100  # A phone between houses errs by some tens of metres.
ROUND = timedelta(hours=12)  # What is found is mended on the same round.
_AFTER = (AFTER, DRAFT)
_SLOW = timedelta(minutes=1)  # A phone's clock may be so much behind, and EXIF knows no fractions of a second.
_SENT_BACK = (
    select(TimelineEntry.id)
    .where(
        TimelineEntry.subject_id == bindparam("case"),
        TimelineEntry.move.in_(("rework", "reopen")),
    )
    .order_by(TimelineEntry.version.desc())
    .limit(1)
)
# What may be before a case is taken on: nobody has taken on what they did not have yet.
_PLACED = ("file", "entrust", "dispatch", "reassign", "hand_over")
_TAKEN_ON = (
    select(TimelineEntry.id, TimelineEntry.at, TimelineEntry.move, TimelineEntry.data)
    .where(
        TimelineEntry.subject_id == bindparam("case"),
        TimelineEntry.move.in_((*_PLACED, "accept", "take", "settle")),
    )
    .order_by(TimelineEntry.version)
)


def mark(submission_id: str) -> None:
    """Bring the flags of a submission's case, and of its parts, up to what is known of their after-photos now."""
    with transaction():
        lead = queries.of_submission(submission_id)
        if lead is None:
            return
        shown = photos.of_subjects([submission_id]).get(submission_id, [])
        of_parts = {part.id: set(part.after_photos or ()) for part in parts.of_lead(lead.id)}
        theirs = set[str]().union(*of_parts.values())
        of_each = {lead.id: {photo.id for photo in shown if photo.purpose in _AFTER} - theirs} | of_parts
        held = table(Case)
        for case_id, own in of_each.items():
            found = set(_found(submission_id, case_id, [p for p in shown if p.purpose == "report" or p.id in own]))
            flags = [code for code in AFTER_FLAGS if code in found]
            execute(update(held).where(held.c.id == case_id).values(flags=flags))


def _found(submission_id: str, case_id: str, shown: Sequence[AnyRow]) -> Iterator[str]:
    """What there is to doubt, where `shown` are the photos from before and the after-photos of one case."""
    after = [photo for photo in shown if photo.purpose in _AFTER]
    if not after:
        return
    if all(photo.state == "refused" for photo in after):
        yield UNUSABLE
    yield from _out_of_place(submission_id, after)
    yield from _out_of_time(case_id, after, [photo for photo in shown if photo.purpose == "report"])
    prints, turn = alike.fingerprints_of([photo.id for photo in shown]), _begin_of_turn(case_id)
    for photo in after:
        for other in shown:
            if other.purpose == "report" and _are_alike(photo, other, prints):
                yield BEFORE
            if other.purpose in _AFTER and other.id < turn < photo.id and _are_alike(photo, other, prints):
                yield REUSED
    owners = {photo.id: photo.owner_id for photo in after}
    for likeness in alike.likenesses(owners):
        if likeness.subject_id not in {None, submission_id}:
            yield REUSED if likeness.owner_id == owners[likeness.photo_id] else ANOTHERS


def _out_of_place(submission_id: str, after: Sequence[AnyRow]) -> Iterator[str]:
    """A photo that carries no place is not doubted for it: many phones are told to keep it to themselves."""
    reported = submissions.brief(submission_id)
    if reported.lat is None:
        return
    place = Point(reported.lat, reported.lon)
    for photo in after:
        if photo.lat is not None and metres(Point(photo.lat, photo.lon), place) > NEAR_M:
            yield FAR_OFF


def _out_of_time(case_id: str, after: Sequence[AnyRow], before: Sequence[AnyRow]) -> Iterator[str]:
    """Each is held against when the case was last taken on before it came: whoever had it next took it on later."""
    taken_on = list(_taken_on(case_id, before))
    for photo in after:
        begun = next((at for step, at in reversed(taken_on) if step < photo.id), None)
        if begun is None and taken_on:  # It was there before anybody had taken the case on.
            begun = taken_on[0][1]
        if begun and photo.taken_at and photo.taken_at + _SLOW < begun:
            yield TOO_OLD


def _taken_on(case_id: str, before: Sequence[AnyRow]) -> Iterator[tuple[str, datetime]]:
    """Which steps took the case on, and when: without a network, when the officer says, but not before they had it.

    What its finder has mended was taken on when it was found: by its last photo from `before` or, without one that says
    so, on the same ROUND.
    """
    placed: datetime | None = None
    for step in rows(_TAKEN_ON, {"case": case_id}):
        made_at = (step.data or {}).get("made_at")
        if step.move in _PLACED:
            placed = step.at
        elif step.move == "settle":
            mended = min(step.at, datetime.fromisoformat(made_at)) if made_at else step.at
            yield step.id, max([mended - ROUND, *(photo.taken_at for photo in before if photo.taken_at)])
        elif made_at and placed:
            yield step.id, min(step.at, max(placed, datetime.fromisoformat(made_at)))
        else:
            yield step.id, step.at


def _begin_of_turn(case_id: str) -> str:
    """The step that last sent the case back to work, or "" where none has; ids tell which of two came first."""
    found = one(_SENT_BACK, {"case": case_id})
    return found.id if found else ""


def _are_alike(photo: AnyRow, other: AnyRow, prints: dict[str, int]) -> bool:
    if photo.sha256 == other.sha256:
        return True
    return {photo.id, other.id} <= prints.keys() and alike.are_near(prints[photo.id], prints[other.id])
