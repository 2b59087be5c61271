"""Reads of photos."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, select

from participate.kernel.auth import Caller
from participate.kernel.db import AnyRow, one, rows
from participate.kernel.errors import Missing
from participate.kernel.words import say
from participate.photos import links
from participate.photos.files import RENDITIONS
from participate.photos.models import DOCUMENT, DONE, DRAFT, DUE, PENDING, Photo

# Whether a caller handles the submission that papers belong to.
Handling = Callable[[Caller, str], bool]
# How a caller sees the submission that a photo belongs to: "public", "author", "desk" (who handle it), or not: None.
Viewing = Callable[[Caller, str], str | None]

_SHOWN = (
    Photo.id,
    Photo.purpose,
    Photo.state,
    Photo.reason,
    Photo.width,
    Photo.height,
    Photo.taken_at,
    Photo.lat,
    Photo.lon,
    Photo.redaction,
    Photo.redaction_why,
    Photo.rendered,
    Photo.hidden_at,
)
_COLUMNS = (*_SHOWN, Photo.owner_id, Photo.subject_id, Photo.media_type, Photo.sha256)


_ONE = select(*_COLUMNS).where(Photo.id == bindparam("id"))
_SHOWS = Photo.purpose != DOCUMENT  # Papers are never among what a submission shows.
_OF_SUBJECT = select(*_SHOWN).where(Photo.subject_id == bindparam("subject"), _SHOWS).order_by(Photo.id)
_OF_SUBJECTS = (
    select(*_COLUMNS)
    .where(Photo.subject_id.in_(bindparam("ids", expanding=True)), _SHOWS)
    .order_by(Photo.subject_id, Photo.id)
)


def viewed(photo_id: str, caller: Caller, for_desk: bool = False) -> tuple[AnyRow, str]:
    """The photo's row and how the caller sees it: "owner", "desk", "author" (of its submission) or "public".

    Raises Missing where the caller may not see it, or where it is `for_desk` and the caller is neither that nor the
    owner.
    """
    found = one(_ONE, {"id": photo_id})
    if found is None:
        raise Missing
    if found.purpose == DOCUMENT:
        return found, _reader_of(found, caller)
    if caller.account_id is not None and found.owner_id == caller.account_id:
        return found, "owner"
    viewing: Viewing = current_app.extensions["participate.viewing"]
    level = viewing(caller, found.subject_id) if found.subject_id else None
    if level is None or not shown_to(found, level) or (for_desk and level != "desk"):
        raise Missing
    return found, level


def _reader_of(row: AnyRow, caller: Caller) -> str:
    """Who sees somebody's papers: they themselves, and as the desk those who handle the matter. Raises Missing."""
    handling: Handling = current_app.extensions["participate.handling"]
    viewing: Viewing = current_app.extensions["participate.viewing"]
    if handling(caller, row.subject_id):
        return "desk"
    if viewing(caller, row.subject_id) != "author":
        raise Missing
    # Who has filed it for its author sees what they see; that they look is written down.
    return "owner" if all(grant.role in {"resident", "member"} for grant in caller.grants) else "desk"


def linked(photo_id: str) -> AnyRow:
    """The photo's row, for whoever has a link that holds. Raises Missing."""
    found = one(_ONE, {"id": photo_id})
    if found is None:
        raise Missing
    return found


def of_subject(subject_id: str) -> Sequence[AnyRow]:
    """The photos of a submission, in the order of their making."""
    return rows(_OF_SUBJECT, {"subject": subject_id})


def of_subjects(subject_ids: Sequence[str]) -> dict[str, list[AnyRow]]:
    """The photos of each submission, in the order of their making."""
    found: dict[str, list[AnyRow]] = {}
    if subject_ids:
        for row in rows(_OF_SUBJECTS, {"ids": list(subject_ids)}):
            found.setdefault(row.subject_id, []).append(row)
    return found


def waiting(subject_ids: Collection[str]) -> set[str]:
    """Those of these submissions of which a photo still waits for the worker."""
    if not subject_ids:
        return set()
    found = select(Photo.subject_id).where(Photo.subject_id.in_(subject_ids), Photo.state == "processing")
    return {row.subject_id for row in rows(found)}


def places_of(subject_ids: Collection[str]) -> dict[str, tuple[float, float]]:
    """The WGS-84 point that the first photo with one carries, of each of these submissions that has such a photo."""
    if not subject_ids:
        return {}
    placed = select(Photo.subject_id, Photo.lat, Photo.lon).where(
        Photo.subject_id.in_(subject_ids), Photo.lat.is_not(None), _SHOWS
    )
    return {row.subject_id: (row.lat, row.lon) for row in rows(placed.order_by(Photo.id.desc()))}


def shown_to(row: AnyRow, level: str) -> bool:
    """Whether whoever sees the submission as "public", "author" or "desk" sees this photo of it."""
    return level == "desk" or (row.purpose != DRAFT and (level == "author" or row.hidden_at is None))


def checked(row: AnyRow) -> bool:
    """Whether all that must be covered in its renditions is: then whoever sees the submission may see them."""
    return bool(row.state == "ready" and row.redaction == DONE)


def present(row: AnyRow, language: str, in_full: bool) -> dict[str, Any]:
    """A photo as the API shows it; when and where it was taken, and what nobody has checked yet, only `in_full`."""
    is_checked = checked(row)
    is_shown = row.state == "ready" and (is_checked or in_full)
    shown: dict[str, Any] = {
        "id": row.id,
        "state": "processing" if row.state == "ready" and not is_shown else row.state,
        "purpose": row.purpose,
        "reason": say(f"photo.{row.reason}", language) if row.reason else None,
        "width": row.width,
        "height": row.height,
        "renditions": {
            name: _where(row.id, name, in_full and is_checked and row.purpose != DOCUMENT) for name in RENDITIONS
        }
        if is_shown
        else {},
    }
    if in_full:
        shown["hidden"] = row.hidden_at is not None
        shown["redaction"] = PENDING if row.redaction == DUE else row.redaction
        shown["taken_at"] = row.taken_at
        shown["place"] = {"lat": row.lat, "lon": row.lon, "crs": "wgs84"} if row.lat is not None else None
    return shown


def paths(photo_id: str) -> dict[str, str]:
    """Where its pictures are for those who show who they are."""
    return {name: _where(photo_id, name, False) for name in RENDITIONS}


def _where(photo_id: str, name: str, signed: bool) -> str:
    """Those who see more than the public get a link that works without their token, and whatever becomes public."""
    return links.signed(photo_id, name) if signed else f"/v1/photos/{photo_id}/{name}"
