"""Reads of a photo's boxes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from participate.kernel.db import AnyRow, rows
from participate.photos.redaction.models import PhotoBox

_BOX = PhotoBox
_ACTIVE = (
    select(_BOX.id, _BOX.kind, _BOX.x, _BOX.y, _BOX.w, _BOX.h, _BOX.source, _BOX.sure)
    .where(_BOX.photo_id == bindparam("photo"), _BOX.removed_at.is_(None))
    .order_by(_BOX.id)
)


def active(photo_id: str) -> Sequence[AnyRow]:
    """The boxes of a photo that are not removed."""
    return rows(_ACTIVE, {"photo": photo_id})


def present(box: AnyRow) -> dict[str, Any]:
    """A box as the API shows it."""
    return {name: getattr(box, name) for name in ("id", "kind", "x", "y", "w", "h", "source", "sure")}
