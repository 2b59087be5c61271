"""Which photos look alike: each new one is compared with all that were there before, in the worker."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import bindparam, insert, select, text

from participate.kernel import outbox
from participate.kernel.db import AnyRow, add, one, rows, table, transaction
from participate.photos.alike_models import NEAR, PhotoFingerprint, PhotoLikeness
from participate.photos.arriving import store
from participate.photos.files import rendition_key
from participate.photos.models import DOCUMENT, Photo

if TYPE_CHECKING:
    from participate.photos.alike_index import Fingerprints

FINGERPRINT = "photos.fingerprint"  # The subscriber that looks what new photos look like.
MOST = 20  # So many likenesses of a photo are kept: of a picture that thousands have sent in, more say no more.
_COMPARED = 200
EXTENSION = "participate.fingerprints"  # This process's index.
_BATCH = 20_000
_HALF = 1 << 63
_LAST = _HALF - 1

_NEXT_NUMBER = text(
    "INSERT INTO fingerprint_counts (id, last) VALUES (1, 1) "
    "ON CONFLICT (id) DO UPDATE SET last = fingerprint_counts.last + 1 RETURNING last"
)
_KEEP, _KEEP_LIKENESS = insert(table(PhotoFingerprint)), insert(table(PhotoLikeness))
_PHOTO = select(Photo.owner_id, Photo.subject_id, Photo.purpose, Photo.state).where(Photo.id == bindparam("id"))
_FOLLOWING = (
    select(PhotoFingerprint.number, PhotoFingerprint.fingerprint)
    .where(PhotoFingerprint.number > bindparam("after"), PhotoFingerprint.number < bindparam("before"))
    .order_by(PhotoFingerprint.number)
    .limit(_BATCH)
)
_SHOWING = select(Photo.id, Photo.subject_id, PhotoFingerprint.fingerprint).join(
    Photo, Photo.id == PhotoFingerprint.photo_id
)
_NUMBERED = _SHOWING.where(PhotoFingerprint.number == bindparam("number"))
_ALL_NUMBERED = _SHOWING.where(PhotoFingerprint.number.in_(bindparam("numbers", expanding=True)))


def look(fact: outbox.Fact) -> int | None:
    """The fingerprint of a photo that is ready; None if it is gone or shows too little. For the worker."""
    from participate.photos import fingerprints  # noqa: PLC0415 - no process that only serves loads a decoder

    photo = one(_PHOTO, {"id": fact.subject_id})
    if photo is None or photo.state != "ready" or photo.purpose == DOCUMENT:
        return None
    try:
        seen = fingerprints.of(store().get(rendition_key(fact.subject_id, "thumb")))
    except FileNotFoundError:  # Removed since.
        return None
    _catch_up(_LAST)  # Now, since it takes a while for the first time; what comes later is read under the lock.
    return seen


def note(fact: outbox.Fact, fingerprint: int | None) -> None:
    """Keep the fingerprint with the likenesses that it has, and tell of them; a second time nothing happens."""
    if fingerprint is None:
        return
    with transaction():
        photo = one(_PHOTO.with_for_update(), {"id": fact.subject_id})  # So who attaches it sees this, or this that.
        if photo is None or photo.purpose == DOCUMENT or fingerprints_of([fact.subject_id]):
            return
        number = rows(_NEXT_NUMBER)[0].last
        alike = near(fingerprint, number, photo.subject_id)
        add(_KEEP, {"photo_id": fact.subject_id, "number": number, "fingerprint": _signed(fingerprint)})
        for other_id, distance in alike:
            add(_KEEP_LIKENESS, {"photo_id": fact.subject_id, "other_id": other_id, "distance": distance})
        if alike:
            outbox.record("photo.matched", "photo", fact.subject_id, {"thread": photo.subject_id})


def near(fingerprint: int, before: int = _LAST, subject_id: str | None = None) -> list[tuple[str, int]]:
    """The photos with numbers below `before` that look like it, with distances: those of one submission first.

    At most MOST. For the worker alone: it loads an index of all fingerprints the first time.
    """
    numbers = _catch_up(before).near(fingerprint, _COMPARED)
    found = _numbered(numbers)  # What was removed since is not among them.
    ranked = sorted(
        (subject_id is None or row.subject_id != subject_id, distance(fingerprint, row.fingerprint), row.id)
        for row in found
    )
    return [(photo_id, bits) for _, bits, photo_id in ranked[:MOST]]


def _numbered(numbers: Sequence[int]) -> Sequence[AnyRow]:
    """The photos with these numbers; mostly there is none or one, and for that a plain statement is the quicker."""
    if len(numbers) > 1:
        return rows(_ALL_NUMBERED, {"numbers": numbers})
    return rows(_NUMBERED, {"number": numbers[0]}) if numbers else []


def _catch_up(before: int) -> "Fingerprints":
    """This process's index, with all that has landed under a number lower than `before`."""
    from participate.photos.alike_index import Fingerprints  # noqa: PLC0415 - arrays, for the worker alone

    index: Fingerprints | None = current_app.extensions.get(EXTENSION)
    # Where the count has gone back, as after a backup was restored, these are other fingerprints.
    if index is None or index.last >= before:
        index = current_app.extensions[EXTENSION] = Fingerprints()
    while index.last < before - 1:  # Else nothing can have come between.
        batch = rows(_FOLLOWING, {"after": index.last, "before": before})
        index.add([(row.number, row.fingerprint % (2 * _HALF)) for row in batch])
        if len(batch) < _BATCH:
            break
    return index


def _signed(fingerprint: int) -> int:
    """As databases keep it, which know no unsigned numbers of 64 bits."""
    return fingerprint - 2 * _HALF if fingerprint >= _HALF else fingerprint


def distance(one: int, other: int) -> int:
    """How many of their 64 bits differ; signed or not."""
    return ((one ^ other) % (2 * _HALF)).bit_count()


def are_near(one: int, other: int) -> bool:
    """Whether photos with these fingerprints look alike."""
    return distance(one, other) <= NEAR


_FINGERPRINTS = select(PhotoFingerprint.photo_id, PhotoFingerprint.fingerprint).where(
    PhotoFingerprint.photo_id.in_(bindparam("ids", expanding=True))
)
_LIKENESSES = (
    select(
        PhotoLikeness.photo_id,
        PhotoLikeness.distance,
        Photo.id.label("other_id"),
        Photo.owner_id,
        Photo.subject_id,
        Photo.purpose,
    )
    .join(Photo, Photo.id == PhotoLikeness.other_id)
    .where(PhotoLikeness.photo_id.in_(bindparam("ids", expanding=True)))
    .order_by(PhotoLikeness.photo_id, PhotoLikeness.distance, PhotoLikeness.other_id)
)


def fingerprints_of(photo_ids: Sequence[str]) -> dict[str, int]:
    """The fingerprints of those of these photos that have one."""
    found = rows(_FINGERPRINTS, {"ids": list(photo_ids)}) if photo_ids else []
    return {row.photo_id: row.fingerprint for row in found}


def likenesses(photo_ids: Iterable[str]) -> Sequence[AnyRow]:
    """The earlier photos that these look like: `photo_id, distance`, and `other_id, owner_id, subject_id, purpose` of
    the other; at most MOST for each."""
    ids = list(photo_ids)
    return rows(_LIKENESSES, {"ids": ids}) if ids else []
