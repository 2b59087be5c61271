"""Removes originals that no photo has any more, while equal ones may be coming in through other processes.

Whoever brings one puts it away, lets its row land, and then looks whether it is still there (`files.vouch`). Whoever
removes one puts it aside, and then looks for rows. One of the two always sees what the other has done: either the row
is found and the original goes back to its place, or the row landed after the look, and its bringer misses the original
and puts it away once more. So nobody needs a lock, which a store does not have and a database should not hold so long.
"""

import logging
from collections.abc import Collection, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import bindparam, select

from participate.kernel.clock import now
from participate.kernel.db import rows
from participate.kernel.ids import is_id, made_at, new_id
from participate.photos.arriving import store
from participate.photos.models import Photo
from participate.photos.storage import original_key

T = TypeVar("T")
_ASIDE = "aside"
LEFT_SECONDS = 600  # Nobody who lives takes so long between the two steps of a removal.
_HAVING = select(Photo.sha256).where(Photo.sha256.in_(bindparam("hashes", expanding=True))).distinct()

_log = logging.getLogger(__name__)


def forget(sha256: str) -> bool:
    """Remove the original with this hash at once, unless a photo has it; returns whether it is gone.

    For what must not stay a day longer: a person's erased photos, forbidden content, what nobody attached. Outside any
    transaction, once the rows that were to go are gone.
    """
    if in_use([sha256]):
        return False
    aside = f"{_ASIDE}/{sha256[:2]}/{sha256}-{new_id()}"
    return not store().move(original_key(sha256), aside) or _decided(aside, sha256)


def _decided(aside: str, sha256: str) -> bool:
    """Remove what was put aside, or put it back if there is a row by now; returns whether it is gone."""
    if in_use([sha256]):
        _log.info("an original is put back")
        store().move(aside, original_key(sha256))
        return False
    store().delete(aside)
    return True


def clear_aside(age_seconds: float = LEFT_SECONDS) -> int:
    """End the removals that were begun so long ago, since a crash has broken them off; returns how many."""
    done = 0
    for key in store().keys(_ASIDE):
        sha256, _, removal = key.rpartition("/")[2].partition("-")
        if is_id(removal) and made_at(removal) < now().timestamp() - age_seconds:
            _decided(key, sha256)
            done += 1
    return done


def in_use(hashes: Collection[str]) -> set[str]:
    """Those of the hashes that a photo has, as far as rows have landed."""
    return {row.sha256 for row in rows(_HAVING, {"hashes": list(hashes)})}


def batches(items: Iterator[T], size: int = 200) -> Iterator[list[T]]:
    """The items, so many at a time."""
    while batch := list(islice(items, size)):
        yield batch
