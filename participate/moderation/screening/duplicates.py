"""What is likely the same matter: near by, sent in shortly before, of the same category or in much the same words."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, select

from participate.kernel.context import settings
from participate.kernel.db import AnyRow, UtcTime, rows
from participate.kernel.ids import first_id
from participate.moderation.flags import Flag, flag
from participate.moderation.screening.repeats import alike, bigrams
from participate.moderation.screening.subjects import COLUMNS, Subject, may_be_told, text_of
from participate.places.coordinates import Point, metres
from participate.submissions.models import Submission
from participate.submissions.tiles import tiles_around

DUPLICATE = "likely_duplicate"
CODES = (DUPLICATE,)
_COMPARED = 50
_OVER = ("received", "returned", "rejected", "merged", "withdrawn")
# The newest of the squares around, earlier than this one: a range of each square, by the index over them. What was
# made since a moment bears ids from then on, so that no more is read than came in that time.
_NEAR = (
    select(*COLUMNS)
    .where(
        Submission.tile.in_(bindparam("tiles", expanding=True)),
        Submission.id < bindparam("id"),
        Submission.id >= bindparam("first"),
        Submission.created_at >= bindparam("since", type_=UtcTime),
        Submission.state.not_in(_OVER),
    )
    .order_by(Submission.id.desc())
    .limit(_COMPARED)
)


class _Near(NamedTuple):
    """Another submission, how far away, and what share of the words are the same."""

    away: float
    row: AnyRow
    likeness: float


def likely(subject: Subject) -> Iterator[Flag]:
    """The nearest that is likely the same, as far as the desk may know of it."""
    held = settings()
    found = [each for each in _near(subject) if _is_alike(subject, each, held.alike_percent)]
    if not found:
        return
    nearest = min(found, key=lambda each: (each.away, each.row.id))
    told = {"reference": nearest.row.reference, "metres": round(nearest.away), "hours": held.alike_hours}
    if _same_category(subject, nearest):
        yield flag(DUPLICATE, "flag.likely_duplicate", **told)
    else:
        yield flag(DUPLICATE, "flag.likely_duplicate_text", **told, percent=round(nearest.likeness * 100))


def _near(subject: Subject) -> Iterator[_Near]:
    row, held = subject.row, settings()
    if row.lat is None:
        return
    since = row.created_at - timedelta(hours=held.alike_hours)
    asked = {
        "tiles": tiles_around(row.lat, row.lon, held.alike_metres),
        "id": row.id,
        "first": first_id(since),
        "since": since,
    }
    here, mine = Point(row.lat, row.lon), bigrams(subject.text)
    for other in rows(_NEAR, asked):
        away = metres(here, Point(other.lat, other.lon))
        if away <= held.alike_metres and other.kind == row.kind and may_be_told(row, other):
            yield _Near(away, other, alike(mine, bigrams(text_of(other))))


def _is_alike(subject: Subject, other: _Near, percent: int) -> bool:
    return _same_category(subject, other) or other.likeness * 100 >= percent


def _same_category(subject: Subject, other: _Near) -> bool:
    return subject.row.category is not None and subject.row.category == other.row.category
