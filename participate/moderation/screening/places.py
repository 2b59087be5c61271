"""What a submission's photos say of where and when they were taken."""

from collections.abc import Iterator
from datetime import timedelta

from participate.moderation.flags import Flag, flag
from participate.moderation.screening.subjects import Subject
from participate.places.coordinates import Point, metres

FAR, OLD, NONE = "place_far", "photo_old", "no_photo"
CODES = (FAR, OLD, NONE)
FAR_METRES = 500
OLD_DAYS = 30


def photos(subject: Subject) -> Iterator[Flag]:
    """Whether its photos are from elsewhere or from another time, or lacking."""
    if subject.row.kind == "snap_report" and not subject.photos:
        yield flag(NONE, "flag.no_photo")
    yield from _places(subject)
    yield from _times(subject)


def _places(subject: Subject) -> Iterator[Flag]:
    """Only where all photos that know their place are far: one that is near shows that somebody was there."""
    row = subject.row
    if row.lat is None or row.place_source != "given":
        return
    place = Point(row.lat, row.lon)
    distances = [metres(place, Point(photo.lat, photo.lon)) for photo in subject.photos if photo.lat is not None]
    if distances and min(distances) > FAR_METRES:
        yield flag(FAR, "flag.place_far", metres=round(min(distances)))


def _times(subject: Subject) -> Iterator[Flag]:
    """A date that lies ahead is none to `photos.metadata`: it comes from a clock that was never set."""
    taken = [photo.taken_at for photo in subject.photos if photo.taken_at is not None]
    age = subject.row.created_at - max(taken, default=subject.row.created_at)
    if age > timedelta(days=OLD_DAYS):
        yield flag(OLD, "flag.photo_old", days=age.days)
