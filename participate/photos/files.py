"""A photo's files: where they lie, and whether they are what they were."""

import logging
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256 as hashed
from typing import TypeVar

from participate.photos.arriving import store
from participate.photos.outcome import Reason, Refused
from participate.photos.storage import StoreAway, Stored, original_key

T = TypeVar("T")
RENDITIONS = ("thumb", "view")

_log = logging.getLogger(__name__)


def rendition_key(photo_id: str, name: str) -> str:
    """Where a rendition lies; `name` is one of RENDITIONS.

    In a folder named by the id's last characters: the first ones are the time, and would put a day's photos into one.
    """
    return f"renditions/{photo_id[-2:]}/{photo_id}/{name}.jpg"


def covered_key(photo_id: str, name: str, rendered: str | None) -> str:
    """Where a rendition lies in which something is covered; without `rendered` nothing has to be."""
    return rendition_key(photo_id, f"{name}-{rendered}" if rendered else name)


def pictures_of(photo_id: str, rendered: str | None) -> set[str]:
    """Where all the renditions of a photo lie that is ready."""
    return {covered_key(photo_id, name, each) for name in RENDITIONS for each in (None, rendered)}


def former_key(photo_id: str) -> str:
    """Where the original of a photo lies that was kept before originals were named by their hash."""
    return f"originals/{photo_id[-2:]}/{photo_id}"


def find_original(photo_id: str, sha256: str) -> Stored:
    """Where a photo's original lies. Raises FileNotFoundError."""
    return _where_it_is(store().look, photo_id, sha256)


def _where_it_is(ask: Callable[[str], T], photo_id: str, sha256: str) -> T:
    for key in (original_key(sha256), former_key(photo_id)):
        with suppress(FileNotFoundError):
            return ask(key)
    return ask(original_key(sha256))  # It may just have been moved.


def original(photo_id: str, sha256: str) -> bytes:
    """The photo as it lies there; see `check`. Raises FileNotFoundError."""
    return _where_it_is(store().get, photo_id, sha256)


def check(data: bytes, photo_id: str, sha256: str) -> None:
    """Raises Refused where an original is no longer what its hash vouches for."""
    if hashed(data).hexdigest() != sha256:
        _log.error("an original is damaged", extra={"photo": photo_id})
        raise Refused(Reason.DAMAGED)


def vouch(sha256: str, put: Callable[[], object]) -> None:
    """See to it that an original is there now that its row has landed; `put` puts it into the store once more.

    Whoever removes an equal one puts it aside first and looks for rows after (see `removal`). So either they see this
    row and put it back, or it is gone by now, and this sees that.
    """
    try:
        if not store().exists(original_key(sha256)):
            _log.info("an original is put away once more")
            put()
    except (StoreAway, OSError):  # The row has landed, and the bytes were there a moment ago.
        _log.warning("an original could not be looked for")
