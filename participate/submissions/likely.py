"""Submissions that have probably been sent in before: one of their photos looks like one of another's."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, or_, select, union

from participate.kernel.auth import Caller, Grant
from participate.kernel.db import AnyRow, AnySelect, Id, rows, table
from participate.photos.alike_models import PhotoLikeness
from participate.photos.models import Photo
from participate.places.coordinates import Point, metres
from participate.submissions.models import Submission
from participate.submissions.queries import at_desk, visible_to

NEAR_METRES = 500  # As far as a phone's place may be off, or as one thing may be photographed from.


@dataclass(frozen=True)
class Likely:
    """Another submission with a photo alike; `is_near` is False too where one of the two has no place."""

    id: str
    reference: str
    is_near: bool
    public: bool
    kind: str
    area: str | None
    details: dict[str, Any]


# Aliases of tables: that of a model would have all models looked through when the service starts.
_MINE_TABLE, _OTHER_TABLE = (table(Photo).alias(name) for name in ("mine", "other"))
_THEIRS_TABLE = table(Submission).alias("theirs")
_MINE, _OTHER, _THEIRS = _MINE_TABLE.c, _OTHER_TABLE.c, _THEIRS_TABLE.c
_COLUMNS = (
    _MINE.subject_id.label("of"),
    Submission.lat.label("from_lat"),
    Submission.lon.label("from_lon"),
    _THEIRS.id,
    _THEIRS.reference,
    _THEIRS.lat,
    _THEIRS.lon,
    _THEIRS.public,
    _THEIRS.kind,
    _THEIRS.area,
    _THEIRS.details,
)


def _alike(mine: Any, other: Any) -> AnySelect:
    """Submissions in pairs; `mine` and `other` say on which side of a likeness their photos stand."""
    return (
        select(*_COLUMNS)
        .select_from(_MINE_TABLE)
        .join(PhotoLikeness, mine == _MINE.id)
        .join(_OTHER_TABLE, other == _OTHER.id)
        .join(Submission, Submission.id == _MINE.subject_id)
        .join(_THEIRS_TABLE, _THEIRS.id == _OTHER.subject_id)
        .where(_MINE.purpose == "report", _OTHER.purpose == "report", _OTHER.subject_id != _MINE.subject_id)
    )


_EARLIER = _alike(PhotoLikeness.photo_id, PhotoLikeness.other_id)
_LATER = _alike(PhotoLikeness.other_id, PhotoLikeness.photo_id)
_EARLIER_THAN = _EARLIER.where(_MINE.subject_id.in_(bindparam("ids", expanding=True)))


def earlier(submission_ids: Collection[str]) -> dict[str, list[Likely]]:
    """Those before each of these submissions; for the service itself, since nobody is asked what they may see."""
    found: dict[str, list[Likely]] = {}
    if submission_ids:
        for row in rows(_EARLIER_THAN, {"ids": list(submission_ids)}):
            found.setdefault(row.of, []).append(_likely(row))
    return found


def duplicates(caller: Caller, submission_id: str) -> list[Likely]:
    """Those before and after a submission, as far as the caller may see them; near ones first, then the newest.

    Raises Missing where they may not see the submission itself.
    """
    visible_to(caller, submission_id)
    return alike(caller, submission_id)


def alike(caller: Caller, submission_id: str) -> list[Likely]:
    """The same, for a submission that the caller has been shown."""
    found = rows(_seen(caller.grants), {"id": submission_id, "me": caller.account_id})
    by_id = {row.id: _likely(row) for row in found}
    return sorted(by_id.values(), key=lambda likely: (likely.is_near, likely.id), reverse=True)


@lru_cache(maxsize=256)
def _seen(grants: tuple[Grant, ...]) -> Any:
    """Put together once for each set of grants; at most as many as there are likenesses of a few photos."""
    found = union(
        *(side.where(_MINE.subject_id == bindparam("id", type_=Id)) for side in (_EARLIER, _LATER))
    ).subquery()
    held = Submission
    mine = held.author_id == bindparam("me", type_=Id)
    visible = or_(held.public.is_(True), mine, at_desk(Caller(grants=grants)))
    return select(found).join(held, held.id == found.c.id).where(visible)


def _likely(row: AnyRow) -> Likely:
    is_placed = None not in {row.lat, row.from_lat}
    near = is_placed and metres(Point(row.lat, row.lon), Point(row.from_lat, row.from_lon)) <= NEAR_METRES
    return Likely(row.id, row.reference, bool(near), row.public, row.kind, row.area, row.details)
