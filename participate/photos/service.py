"""A photo's life: kept, decoded in the worker, attached to what it shows, removed if nobody attaches it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from flask import current_app
from sqlalchemy import delete, select, update

from participate.kernel import outbox
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import one, rows, transaction
from participate.kernel.errors import Fault, Invalid, TooLarge
from participate.kernel.ids import new_id
from participate.photos.models import Photo
from participate.photos.outcome import Decoded, Reason, Refused
from participate.photos.storage import MediaStore

UNATTACHED_KEPT = timedelta(hours=24)
RENDITIONS = ("thumb", "view")
DEVELOP = "photos.develop"  # The subscriber that looks at new photos.
_SOON = timedelta(seconds=5)
_BATCH = 200


@dataclass(frozen=True)
class Kept:
    """Bytes that are safe in the store under the id of the photo that they may become."""

    photo_id: str
    sha256: str
    size: int


def store() -> MediaStore:
    """The present application's media store."""
    found: MediaStore = current_app.extensions["participate.media"]
    return found


def writable() -> bool:
    """Whether the store takes bytes: a probe is written over the last one. Raises whatever keeps it from that."""
    store().put("probe", bytes(4096))
    return True


def original_key(photo_id: str) -> str:
    """Where an original lies. Ids are never used twice, and tell when a file was made that has no row."""
    return f"originals/{photo_id[-2:]}/{photo_id}"


def rendition_key(photo_id: str, name: str) -> str:
    """Where a rendition lies; `name` is one of RENDITIONS."""
    return f"renditions/{photo_id[-2:]}/{photo_id}/{name}.jpg"


def keep(data: bytes) -> Kept:
    """Put the bytes away, outside any transaction. Raises TooLarge."""
    if len(data) > settings().max_photo_bytes:
        raise TooLarge("photo_too_large")
    kept = Kept(new_id(), sha256(data).hexdigest(), len(data))
    store().put(original_key(kept.photo_id), data)
    return kept


def register(kept: Kept, owner_id: str) -> str:
    """Make kept bytes a photo of `owner_id`, to be decoded by the worker; returns its id."""
    with transaction() as session:
        session.add(Photo(id=kept.photo_id, owner_id=owner_id, sha256=kept.sha256, size=kept.size, created_at=now()))
        session.flush()
        outbox.record("photo.received", "photo", kept.photo_id)
    return kept.photo_id


def attach(photo_ids: Sequence[str], owner_id: str, subject_id: str, purpose: str = "report") -> None:
    """Make the owner's photos part of a submission. Raises Invalid for those that are not free and theirs."""
    if not photo_ids:
        return
    held = Photo
    free = update(held).where(held.id.in_(photo_ids), held.owner_id == owner_id, held.subject_id.is_(None))
    with transaction():
        taken = {row.id for row in rows(free.values(subject_id=subject_id, purpose=purpose).returning(held.id))}
        lacking = [index for index, photo_id in enumerate(photo_ids) if photo_id not in taken]
        if lacking:
            raise Invalid(*(Fault(f"photo_ids.{index}", "photo_not_free") for index in lacking))


def behind() -> bool:
    """Whether so many photos wait that a new one will not be looked at soon."""
    return outbox.is_late(DEVELOP, _SOON)


def develop(fact: outbox.Fact) -> Decoded | Refused | None:
    """Decode a photo and put its renditions away; None if it is gone or done. For the worker, under limits."""
    from participate.photos.decode import decode  # noqa: PLC0415 - no process that only serves loads a decoder

    photo = one(select(Photo.state).where(Photo.id == fact.subject_id))
    if photo is None or photo.state != "processing":
        return None
    try:
        decoded = decode(store().get(original_key(fact.subject_id)), settings().timezone)
    except Refused as refusal:
        return refusal
    for name in RENDITIONS:
        store().put(rendition_key(fact.subject_id, name), getattr(decoded, name))
    return decoded


def settle(fact: outbox.Fact, outcome: Decoded | Refused | None) -> None:
    """Write down what `develop` found, and tell those who wait for the photo."""
    if isinstance(outcome, Refused):
        _finish(fact.subject_id, "refused", reason=outcome.code.value)
    elif outcome is not None:
        lat, lon = outcome.position or (None, None)
        _finish(
            fact.subject_id,
            "ready",
            width=outcome.width,
            height=outcome.height,
            media_type=outcome.media_type,
            taken_at=outcome.taken_at,
            lat=lat,
            lon=lon,
        )


def set_aside(fact: outbox.Fact) -> None:
    """A photo that killed its worker again and again is refused as broken."""
    _finish(fact.subject_id, "refused", reason=Reason.BROKEN.value)


def _finish(photo_id: str, state: str, **values: object) -> None:
    held = Photo
    with transaction():
        done = rows(
            update(held)
            .where(held.id == photo_id, held.state == "processing")
            .values(state=state, **values)
            .returning(held.subject_id, held.owner_id, held.purpose)
        )
        if done:
            told = {"thread": done[0].subject_id, "owner": done[0].owner_id, "reason": values.get("reason")}
            outbox.record(f"photo.{state}", "photo", photo_id, data=told)


def remove_unattached() -> int:
    """Remove photos that nobody attached within a day, rows first; returns how many."""
    held = Photo
    old = (
        select(held.id)
        .where(held.subject_id.is_(None), held.created_at < now() - UNATTACHED_KEPT)
        .order_by(held.created_at)
        .limit(_BATCH)
        .scalar_subquery()
    )
    with transaction():
        gone = rows(delete(held).where(held.id.in_(old), held.subject_id.is_(None)).returning(held.id))
    for row in gone:
        for key in (original_key(row.id), *(rendition_key(row.id, name) for name in RENDITIONS)):
            store().delete(key)
    return len(gone)
