"""What is screened, and which other submissions its flags may speak of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import bindparam, select

from participate.kernel.db import AnyRow, one, rows
from participate.moderation.screening.folding import letters
from participate.photos import queries as photos
from participate.submissions.kinds import SEALED
from participate.submissions.models import Submission

_DISTRICT = 6  # digits of an area's code
# What is read of a submission that is screened, and of one that it is compared with.
COLUMNS = (
    Submission.id,
    Submission.reference,
    Submission.kind,
    Submission.state,
    Submission.author_id,
    Submission.title,
    Submission.body,
    Submission.category,
    Submission.details,
    Submission.area,
    Submission.lat,
    Submission.lon,
    Submission.place_source,
    Submission.public,
    Submission.created_at,
)
_ONE = select(*COLUMNS).where(Submission.id == bindparam("id"))
_THESE = select(*COLUMNS).where(Submission.id.in_(bindparam("ids", expanding=True)), Submission.state != "withdrawn")


@dataclass(frozen=True)
class Subject:
    """A submission (`row` holds COLUMNS) with its own `photos`, as `photos.queries` has them."""

    row: AnyRow
    photos: Sequence[AnyRow]

    @cached_property
    def text(self) -> str:
        """What is compared of its words."""
        return text_of(self.row)


def text_of(row: AnyRow) -> str:
    """The letters of title and text, folded: what is left when only looks differ."""
    return letters(f"{row.title or ''}\n{row.body}")


def subject(submission_id: str) -> Subject | None:
    """A submission that waits for moderation; None where it does not."""
    row = one(_ONE, {"id": submission_id})
    if row is None or row.state != "in_moderation":
        return None
    return Subject(row, [photo for photo in photos.of_subject(submission_id) if photo.purpose == "report"])


def others(of: AnyRow, ids: Sequence[str]) -> list[AnyRow]:
    """Those of these submissions that flags of `of` may speak of, in the order of `ids`."""
    found = {row.id: row for row in rows(_THESE, {"ids": list(ids)})} if ids else {}
    return [found[each] for each in ids if each in found and may_be_told(of, found[each])]


def may_be_told(of: AnyRow, other: AnyRow) -> bool:
    """Whether all moderators who see the flags of `of` may see `other` too: both have `kind`, `area` and `details`.

    A flag that told of what lies in another district, if only by a count, would tell those of this one that it is
    there.
    """
    return bool(other.public) or on_one_desk(of, other)


def on_one_desk(of: AnyRow, other: AnyRow) -> bool:
    """Whether who sees `of` sees `other`, which lies near it; what is sealed, where both are about the same.

    Nobody moderates less than a district, but by choice. What lies in no known area is on every desk.
    """
    near = other.area is None or (of.area is not None and other.area.startswith(of.area[:_DISTRICT]))
    return near and (other.kind != SEALED or (of.kind == SEALED and _about(of) == _about(other)))


def _about(row: AnyRow) -> tuple[str | None, ...]:
    return tuple(row.details.get(name) for name in ("watched_unit", "watched_submission"))
