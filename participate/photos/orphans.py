"""Collects files that have no row: what a crash, a refusal or a removal leaves behind."""

import re
from collections.abc import Iterator

from sqlalchemy import bindparam, select

from participate.kernel.clock import now
from participate.kernel.db import rows
from participate.photos import relocation
from participate.photos.arriving import store
from participate.photos.files import former_key, pictures_of
from participate.photos.models import Photo
from participate.photos.relocation import EVERYWHERE
from participate.photos.removal import LEFT_SECONDS, batches, clear_aside, forget, in_use
from participate.photos.storage import Stored, is_original

# No upload lasts so long, even where the clock has been two hours wrong. A file's time is that of its last being put
# away, so whoever brings equal bytes begins the time anew.
SAFE_AGE_SECONDS = 24 * 3600
_SHARDS = 256  # The folders that originals and renditions are spread over.
_TURN_SECONDS = 600
_RENDITION = re.compile(r"renditions/[0-9a-f]{2}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[^/]+")
_HAVING = select(Photo.id, Photo.rendered).where(Photo.id.in_(bindparam("ids", expanding=True)))


def collect_in_turn() -> int:
    """Collect in one folder of 256, another one every ten minutes: the cost does not grow with the whole store."""
    return _collect(f"/{int(now().timestamp() // _TURN_SECONDS) % _SHARDS:02x}", SAFE_AGE_SECONDS)


def collect(age_seconds: float = SAFE_AGE_SECONDS) -> int:
    """Remove every file without a row that is older than `age_seconds`; returns how many, parts of files included."""
    return _collect(EVERYWHERE, age_seconds)


def _collect(folder: str, age_seconds: float) -> int:
    latest = now().timestamp() - age_seconds
    relocation.relocate(latest, folder)
    gone = sum(forget(name_of(file.key)) for file in originals_alone(folder) if file.changed_at <= latest)
    for file in named_alone(folder):
        if file.changed_at <= latest:
            store().delete(file.key)
            gone += 1
    parts = sum(store().drop_unfinished(f"{top}{folder}", latest) for top in ("originals", "renditions"))
    return gone + parts + clear_aside(min(age_seconds, LEFT_SECONDS))


def name_of(key: str) -> str:
    """The hash in `originals/ab/<hash>`, the id in `originals/ab/<id>` and in `renditions/ab/<id>/thumb.jpg`."""
    return key.split("/")[2]


def originals_alone(folder: str = EVERYWHERE) -> Iterator[Stored]:
    """The originals that no photo has."""
    found = (file for file in store().files(f"originals{folder}") if is_original(file.key))
    for batch in batches(found):
        used = in_use({name_of(file.key) for file in batch})
        yield from (file for file in batch if name_of(file.key) not in used)


def named_alone(folder: str = EVERYWHERE) -> Iterator[Stored]:
    """The files that are named by the id of a photo that there is not, or that no longer shows them."""
    for batch in batches(_named(folder)):
        found = rows(_HAVING, {"ids": sorted({name_of(file.key) for file in batch})})
        wanted = {key for row in found for key in (former_key(row.id), *pictures_of(row.id, row.rendered))}
        yield from (file for file in batch if file.key not in wanted)


def _named(folder: str) -> Iterator[Stored]:
    yield from (file for file in store().files(f"originals{folder}") if relocation.is_former(file.key))
    yield from (file for file in store().files(f"renditions{folder}") if _RENDITION.fullmatch(file.key))
