"""Compares photos' rows with their files, in both directions, while both go on changing."""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update

from participate.kernel.clock import now
from participate.kernel.db import AnyRow, rows, table, transaction
from participate.photos import orphans, relocation
from participate.photos.arriving import store
from participate.photos.files import former_key, pictures_of
from participate.photos.models import Photo
from participate.photos.storage import MediaStore, original_key

LOST = ("original_missing", "original_changed", "rendition_missing")
OTHERS = ("file_without_row", "former_place")
_PAGE = 500
_AT_ONCE = 16  # questions to a bucket
_PIECE = 2**20  # bytes

_held = table(Photo).c
_COLUMNS = (_held.id, _held.sha256, _held.size, _held.state, _held.rendered, _held.damaged_at)
_NEXT = select(*_COLUMNS).where(_held.id > bindparam("after")).order_by(_held.id).limit(_PAGE)
_AGAIN = select(*_COLUMNS).where(_held.id.in_(bindparam("ids", expanding=True)))
_FIRST = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be: `what` is one of LOST and OTHERS, `name` a photo's id or a file's key."""

    what: str
    name: str


def check(by_hash: bool = False) -> Iterator[Finding]:
    """All that is wrong, as it is found: rows without their files first, then files without a row.

    `by_hash` reads every original and compares it with its hash, where otherwise its size must do. Photos that have
    lost something are marked so in their rows; those that are marked are compared by hash in any case, and no longer
    marked where they are well again. Files without a row are told
    of once they are old enough to be collected: until then a row may still come.
    """
    for page in _pages():
        found = _lost(page, by_hash)
        _mark(page, {finding.name for finding in found})
        yield from found
    latest = now().timestamp() - orphans.SAFE_AGE_SECONDS
    for alone in (orphans.originals_alone(), orphans.named_alone()):
        yield from (Finding("file_without_row", file.key) for file in alone if file.changed_at <= latest)
    yield from (Finding("former_place", file.key) for file in relocation.formers(latest))


def _pages() -> Iterator[Sequence[AnyRow]]:
    after = _FIRST
    while page := rows(_NEXT, {"after": after}):
        yield page
        after = page[-1].id


def _lost(page: Sequence[AnyRow], by_hash: bool) -> list[Finding]:
    """What is wrong with these photos, seen twice: meanwhile one may have been removed, or its file moved."""
    suspects = _seen(page, by_hash)
    if not suspects:
        return []
    again = rows(_AGAIN, {"ids": sorted({finding.name for finding in suspects})})
    return _seen(again, by_hash)


def _seen(photos: Sequence[AnyRow], by_hash: bool) -> list[Finding]:
    kept = store()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda photo: _wrong(kept, photo, by_hash or photo.damaged_at is not None), photos)
        return [Finding(what, photo.id) for photo, wrong in zip(photos, found, strict=True) for what in wrong]


def _wrong(kept: MediaStore, photo: AnyRow, by_hash: bool) -> list[str]:
    found = [_changed(kept, photo) if by_hash else _gone(kept, photo)]
    if photo.state == "ready" and not all(map(kept.exists, pictures_of(photo.id, photo.rendered))):
        found.append("rendition_missing")
    return [what for what in found if what]


def _gone(kept: MediaStore, photo: AnyRow) -> str | None:
    for key in (original_key(photo.sha256), former_key(photo.id)):
        try:
            return None if kept.look(key).size == photo.size else "original_changed"
        except FileNotFoundError:
            continue
    return "original_missing"


def _changed(kept: MediaStore, photo: AnyRow) -> str | None:
    """In pieces, since several are looked at at once."""
    if missing := _gone(kept, photo):
        return missing
    key, said = original_key(photo.sha256), hashlib.sha256()
    key = key if kept.exists(key) else former_key(photo.id)
    for at in range(0, photo.size, _PIECE):
        said.update(kept.read(key, at, min(at + _PIECE, photo.size)))
    return None if said.hexdigest() == photo.sha256 else "original_changed"


def _mark(page: Sequence[AnyRow], lost: set[str]) -> None:
    newly = [photo.id for photo in page if photo.id in lost and photo.damaged_at is None]
    healed = [photo.id for photo in page if photo.id not in lost and photo.damaged_at is not None]
    if newly or healed:
        with transaction() as session:
            session.execute(update(Photo).where(Photo.id.in_(newly)).values(damaged_at=now()))
            session.execute(update(Photo).where(Photo.id.in_(healed)).values(damaged_at=None))


def damaged(most: int) -> list[str]:
    """The photos that the last check has found damaged, `most` at most."""
    found = select(Photo.id).where(Photo.damaged_at.is_not(None)).order_by(Photo.damaged_at).limit(most)
    return [row.id for row in rows(found)]
