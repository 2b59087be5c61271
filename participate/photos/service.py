"""A photo's life: kept, decoded in the worker, attached to what it shows, removed if nobody attaches it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import bindparam, delete, insert, select, update

from participate.kernel import outbox
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, add, after_commit, execute, one, rows, table, transaction
from participate.kernel.errors import Fault, Invalid
from participate.kernel.ids import new_id
from participate.photos import developing
from participate.photos.allowance import check_allowance
from participate.photos.arriving import Arrival, Brought, store
from participate.photos.files import RENDITIONS, check, former_key, original, pictures_of, rendition_key, vouch
from participate.photos.limits import Bounds
from participate.photos.models import AFTER, DRAFT, Photo
from participate.photos.outcome import Decoded, Reason, Refused
from participate.photos.removal import forget

UNATTACHED_KEPT = timedelta(hours=24)
DEVELOP = "photos.develop"  # The subscriber that looks at new photos.
_SOON = timedelta(seconds=5)
_BATCH = 200
_held = table(Photo).c
_NEW = insert(table(Photo))
_COME = select(_held.state, _held.sha256).where(_held.id == bindparam("photo"))
_DEVELOPED = (
    update(table(Photo))
    .where(_held.id == bindparam("photo"), _held.state == "processing")
    .returning(_held.subject_id, _held.owner_id, _held.purpose)
)


@dataclass(frozen=True)
class Kept:
    """Bytes that are safe in the store, and the id of the photo that they may become; `put` puts them there again."""

    photo_id: str
    sha256: str
    size: int
    put: Callable[[], object]


def writable() -> bool:
    """Whether the store takes bytes: a probe is written over the last one. Raises whatever keeps it from that."""
    store().put("probe", bytes(4096))
    return True


def keep_all(arrived: Sequence[Arrival], owner_id: str) -> list[Kept]:
    """Put files that have come away for good, outside any transaction, as far as `owner_id` may bring them.

    Raises Invalid where they are too many for one submission, and TooMany where they are too much for a day.
    """
    most = settings().max_photos
    if len(arrived) > most:
        raise Invalid(Fault("photos", "length", (("min", 0), ("max", most))))
    if arrived:
        check_allowance(owner_id, sum(file.size for file in arrived))
    return [keep(file) for file in arrived]


def keep(arrived: Brought) -> Kept:
    """Put a file that has come away for good, outside any transaction."""
    arrived.keep()
    return Kept(new_id(), arrived.sha256, arrived.size, arrived.keep)


def register(kept: Kept, owner_id: str) -> str:
    """Make kept bytes a photo of `owner_id`, to be decoded by the worker; returns its id."""
    row = {"id": kept.photo_id, "owner_id": owner_id, "sha256": kept.sha256, "size": kept.size, "created_at": now()}
    with transaction():
        add(_NEW, row)
        outbox.record("photo.received", "photo", kept.photo_id)
        after_commit(f"photo {kept.photo_id}", lambda: vouch(kept.sha256, kept.put))
    return kept.photo_id


def attach(
    photo_ids: Sequence[str], owner_id: str, subject_id: str, purpose: str = "report", field: str = "photo_ids"
) -> None:
    """Make the owner's photos part of a submission. Raises Invalid for those that are not free and theirs.

    `field` is what the caller knows them by.
    """
    if not photo_ids:
        return
    held = Photo
    free = update(held).where(held.id.in_(photo_ids), held.owner_id == owner_id, held.subject_id.is_(None))
    with transaction():
        taken = {row.id for row in rows(free.values(subject_id=subject_id, purpose=purpose).returning(held.id))}
        lacking = [index for index, photo_id in enumerate(photo_ids) if photo_id not in taken]
        if lacking:
            raise Invalid(*(Fault(f"{field}.{index}", "photo_not_free") for index in lacking))


def publish(photo_ids: Sequence[str]) -> None:
    """What came with an answer has passed with it, and is seen by whoever sees the submission."""
    held = Photo
    if photo_ids:
        execute(update(held).where(held.id.in_(photo_ids), held.purpose == DRAFT).values(purpose=AFTER))


def hide(photo_ids: Sequence[str], subject_id: str) -> None:
    """Take photos of a submission from the public's eyes. Raises Invalid for those that are not its own."""
    held = Photo
    mine = update(held).where(held.id.in_(photo_ids), held.subject_id == subject_id)
    with transaction():
        hidden = {row.id for row in rows(mine.values(hidden_at=now()).returning(held.id))}
        unknown = [index for index, photo_id in enumerate(photo_ids) if photo_id not in hidden]
        if unknown:
            raise Invalid(*(Fault(f"photo_ids.{index}", "photo_of_another") for index in unknown))


def behind() -> bool:
    """Whether so many photos wait that a new one will not be looked at soon."""
    return outbox.is_late(DEVELOP, _SOON)


def develop(fact: outbox.Fact) -> Decoded | Refused | None:
    """Have a photo decoded and put its renditions away; None if it is gone or done. For the worker."""
    photo = one(_COME, {"photo": fact.subject_id})
    if photo is None or photo.state != "processing":
        return None
    data = original(fact.subject_id, photo.sha256)
    checked = partial(check, data, fact.subject_id, photo.sha256)
    try:
        decoded = developing.develop(data, settings().timezone, _bounds(), now(), meanwhile=checked)
    except Refused as refusal:
        return refusal
    store().put_all({rendition_key(fact.subject_id, name): getattr(decoded, name) for name in RENDITIONS})
    return decoded


def _bounds() -> Bounds:
    held = settings()
    return Bounds(
        pixels=held.max_photo_pixels,
        side=held.max_photo_side,
        frames=held.max_photo_frames,
        memory_bytes=held.photo_memory_mb * 10**6,
        seconds=held.photo_seconds,
    )


def settle(fact: outbox.Fact, outcome: Decoded | Refused | None) -> None:
    """Write down what `develop` found, and tell those who wait for the photo."""
    if isinstance(outcome, Refused):
        damaged_at = now() if outcome.code is Reason.DAMAGED else None
        _finish(fact.subject_id, "refused", reason=outcome.code.value, damaged_at=damaged_at)
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
    """A photo whose worker has died or failed again and again is refused."""
    _finish(fact.subject_id, "refused", reason=Reason.TOO_HEAVY.value)


def _finish(photo_id: str, state: str, **values: object) -> None:
    with transaction():
        done = one(_DEVELOPED, {"photo": photo_id, "state": state, **values})
        if done:
            told = {"thread": done.subject_id, "owner": done.owner_id, "reason": values.get("reason")}
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
        unattached = delete(held).where(held.id.in_(old), held.subject_id.is_(None))
        gone = rows(unattached.returning(held.id, held.sha256, held.rendered))
    for row in gone:
        erase(row)
    return len(gone)


def erase(row: AnyRow) -> None:
    """Remove the files of a photo whose row is gone for good."""
    for key in (former_key(row.id), *pictures_of(row.id, row.rendered)):
        store().delete(key)
    forget(row.sha256)
