"""Brings originals that were kept by photo id to where originals lie now: by the hash of what they hold."""

import logging
from collections.abc import Iterator
from hashlib import sha256 as hashed

from sqlalchemy import bindparam, select

from participate.kernel.db import rows
from participate.kernel.ids import is_id
from participate.photos.arriving import store
from participate.photos.files import former_key
from participate.photos.models import Photo
from participate.photos.removal import batches
from participate.photos.storage import Stored, original_key

EVERYWHERE = ""  # Else a folder of originals, such as `/ab`.
_SETTLED = select(Photo.id, Photo.sha256).where(
    Photo.id.in_(bindparam("ids", expanding=True)), Photo.state != "processing"
)

_log = logging.getLogger(__name__)


def is_former(key: str) -> bool:
    """Whether an original's key is made from a photo's id."""
    name = key.rpartition("/")[2]
    return is_id(name) and key == former_key(name)


def formers(before: float, folder: str = EVERYWHERE) -> Iterator[Stored]:
    """The originals that lie by id and were last written before that moment (seconds since the epoch)."""
    found = store().files(f"originals{folder}")
    return (file for file in found if is_former(file.key) and file.changed_at <= before)


def relocate(before: float, folder: str = EVERYWHERE) -> int:
    """Move the `formers` that have a row; returns how many.

    One that is not what its row says stays where it is: a hash for a name would vouch for it. So does one that still
    waits for its worker, which may be of the version before.
    """
    moved = 0
    for batch in batches(formers(before, folder)):
        by_id = {file.key.rpartition("/")[2]: file.key for file in batch}
        for photo in rows(_SETTLED, {"ids": list(by_id)}):
            moved += _moved(by_id[photo.id], photo.sha256)
    return moved


def _moved(key: str, sha256: str) -> bool:
    try:
        data = store().get(key)
    except FileNotFoundError:  # Another process has been here.
        return False
    if hashed(data).hexdigest() != sha256:
        _log.error("an original is damaged", extra={"key": key})
        return False
    return store().move(key, original_key(sha256))
