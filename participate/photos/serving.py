"""Sends photos: of a fixed type, to be held by caches no longer than they may be seen."""

import logging

from flask import Response

from participate.kernel.errors import Missing
from participate.kernel.sending import may_do_without, sent
from participate.photos.arriving import store
from participate.photos.storage import Stored

# What is public may cease to be: whoever holds it asks after so many seconds, and hears 304 where nothing has changed.
PUBLIC = "public, max-age=300, must-revalidate"
PRIVATE = "private, no-store"
_ANYTHING = "application/octet-stream"
_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/heif": "heif",
}

_log = logging.getLogger(__name__)


def picture(key: str, is_public: bool) -> Response:
    """A rendition. Raises Missing where its file is lost."""
    kept = store()  # A long answer is sent when the application's context has ended.
    try:
        found, data = (kept.look(key), None) if may_do_without() else kept.fetch(key)
    except FileNotFoundError:
        raise _lost(key) from None
    headers = {"Content-Type": "image/jpeg", "Cache-Control": PUBLIC if is_public else PRIVATE}

    def read(start: int, end: int) -> bytes:
        return kept.read(key, start, end) if data is None else data[start:end]

    return sent(found.size, found.tag, read, headers)


def original(found: Stored, photo_id: str, sha256: str, media_type: str | None) -> Response:
    """The bytes as they came, to be saved rather than shown; in pieces, so that no whole file is held in memory."""
    kind = media_type if media_type in _EXTENSIONS else _ANYTHING
    name = f"{photo_id}.{_EXTENSIONS.get(kind, 'bin')}"
    headers = {
        "Content-Type": kind,
        "Cache-Control": PRIVATE,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    kept = store()
    return sent(found.size, sha256, lambda start, end: kept.read(found.key, start, end), headers)


def elsewhere(url: str) -> Response:
    """Where the store itself serves it, for a moment."""
    return Response(status=302, headers={"Location": url, "Cache-Control": PRIVATE, "Referrer-Policy": "no-referrer"})


def _lost(key: str) -> Missing:
    _log.error("a file is lost", extra={"key": key})
    return Missing()
