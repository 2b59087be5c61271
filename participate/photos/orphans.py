"""Collects files that have no row: what a crash left between putting bytes away and writing their row."""

from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from sqlalchemy import select

from participate.kernel.clock import now
from participate.kernel.db import rows
from participate.photos.models import Photo
from participate.photos.service import RENDITIONS, original_key, rendition_key, store

SAFE_AGE_SECONDS = 24 * 3600  # No upload lasts so long, even where the clock has been two hours wrong.
_SHARDS = 256  # The folders that `original_key` spreads photos over.
_TURN_SECONDS = 600
_BATCH = 200


def collect_in_turn() -> int:
    """Collect in one folder of 256, another one every ten minutes: the cost does not grow with the whole store."""
    return _collect(int(now().timestamp() // _TURN_SECONDS) % _SHARDS, SAFE_AGE_SECONDS)


def collect(age_seconds: float = SAFE_AGE_SECONDS) -> int:
    """Remove every file without a row that is older than `age_seconds`; returns how many photos and parts of files."""
    return sum(_collect(shard, age_seconds) for shard in range(_SHARDS))


def _collect(shard: int, age_seconds: float) -> int:
    folder = f"{shard:02x}"
    latest = now().timestamp() - age_seconds
    found = _photos(store().keys(f"originals/{folder}")) | _photos(store().keys(f"renditions/{folder}"))
    gone = [photo_id for photo_id in _without_row(found) if _made_at(photo_id) <= latest]
    for photo_id in gone:
        for key in (original_key(photo_id), *(rendition_key(photo_id, name) for name in RENDITIONS)):
            store().delete(key)
    parts = sum(store().drop_unfinished(f"{top}/{folder}", latest) for top in ("originals", "renditions"))
    return len(gone) + parts


def _photos(keys: Iterable[str]) -> set[str]:
    """The ids in keys such as `originals/ab/<id>` and `renditions/ab/<id>/thumb.jpg`."""
    return {key.split("/")[2] for key in keys}


def _without_row(photo_ids: set[str]) -> Iterator[str]:
    left = iter(photo_ids)
    while batch := list(islice(left, _BATCH)):
        kept = {row.id for row in rows(select(Photo.id).where(Photo.id.in_(batch)))}
        yield from (photo_id for photo_id in batch if photo_id not in kept)


def _made_at(photo_id: str) -> float:
    """Seconds since the epoch: a UUIDv7 begins with its milliseconds (RFC 9562 §5.7)."""
    return (UUID(photo_id).int >> 80) / 1000
