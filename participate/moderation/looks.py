"""Photos at the desk, within a moderator's scope: those that wait for a look, and what is covered in one."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, literal_column, select

from participate.kernel.auth import Caller, Grant
from participate.kernel.db import AnyRow, AnySelect, Id, one
from participate.kernel.errors import Fault, Invalid, Missing
from participate.kernel.scopes import in_scope
from participate.kernel.words import say
from participate.moderation.models import UNCHECKED_WHY
from participate.photos import queries as photos
from participate.photos.models import DOCUMENT, DUE, NEEDS_LOOK, PENDING, Photo
from participate.photos.redaction import queries as boxes
from participate.photos.redaction import service as redaction
from participate.photos.redaction.boxes import Box
from participate.submissions.models import Submission
from participate.submissions.queries import not_kept

KEYS = (Photo.id,)
_SHOWN = (
    Photo.id,
    Photo.subject_id,
    Photo.purpose,
    Photo.redaction,
    Photo.redaction_why,
    Photo.boxes_version,
    Photo.created_at,
)
_ME = bindparam("me", type_=Id)


def _in_reach(grants: tuple[Grant, ...]) -> AnySelect:
    """The photos in a moderator's scope that they, `:me`, have not made themselves."""
    reach = in_scope(Caller(grants=grants), ("moderator",), Submission.area)
    joined = select(*_SHOWN).join(Submission, Submission.id == Photo.subject_id)
    others = Photo.owner_id != _ME, Submission.author_id != _ME, not_kept(grants)
    return joined.where(reach, Photo.state == "ready", Photo.purpose != DOCUMENT, *others)


# Put together once for each scope: that takes several times as long as running it.
@lru_cache(maxsize=256)
def waiting(grants: tuple[Grant, ...]) -> AnySelect:
    """The photos that wait for a look, also of submissions that were decided on long ago."""
    return _in_reach(grants).where(Photo.redaction == literal_column(f"'{NEEDS_LOOK}'"))


@lru_cache(maxsize=256)
def _single(grants: tuple[Grant, ...]) -> AnySelect:
    return _in_reach(grants).where(Photo.id == bindparam("id"))


def photo(caller: Caller, photo_id: str) -> AnyRow:
    """A photo on the desk. Raises Missing outside the moderator's scope."""
    found = one(_single(caller.grants), {"id": photo_id, "me": caller.account_id})
    if found is None:
        raise Missing
    return found


def save(caller: Caller, photo_id: str, wanted: Sequence[dict[str, Any]], version: int | None) -> None:
    """Save the boxes of a photo as `wanted`: those with an id stay, those with a place are new, all others go.

    Raises what `redaction.change` does, and Invalid where the caller does not say what the change builds on.
    """
    photo(caller, photo_id)
    if version is None:
        raise Invalid(Fault("If-Match", "required"))
    kept = [each["id"] for each in wanted if "id" in each]
    added = [Box(**each) for each in wanted if "id" not in each]
    redaction.change(photo_id, caller.account_id or "", kept, added, version)


def present(row: AnyRow, language: str) -> dict[str, Any]:
    """A photo on the desk as the API shows it."""
    return {
        "photo_id": row.id,
        "submission_id": row.subject_id,
        "purpose": row.purpose,
        "redaction": PENDING if row.redaction == DUE else row.redaction,
        "why": say(UNCHECKED_WHY[row.redaction_why], language) if row.redaction_why else None,
        "created_at": row.created_at,
        "version": row.boxes_version,
    }


def with_boxes(row: AnyRow, language: str) -> dict[str, Any]:
    """A photo on the desk with what is covered in it."""
    shown = present(row, language)
    return shown | {"boxes": [boxes.present(box) for box in boxes.active(row.id)], "renditions": photos.paths(row.id)}
