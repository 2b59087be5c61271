"""Where and when a photo says it was taken, read from EXIF and XMP that may be wrong in every way."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from math import isnan
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from participate.photos import xmp

Position = tuple[float, float]
Tags = Mapping[int, Any]
T = TypeVar("T")

# Datums that lie hundreds of metres off WGS-84: no place is better than a wrong one.
_SHIFTED_DATUMS = {"TOKYO", "GCJ02", "BD09"}
_TIMES = (
    (Base.DateTimeOriginal, Base.OffsetTimeOriginal),
    (Base.DateTimeDigitized, Base.OffsetTimeDigitized),
)
_NORTH, _EAST = {"N": 1, "S": -1}, {"E": 1, "W": -1}
_FURTHEST_WEST, _FURTHEST_EAST = timedelta(hours=-12), timedelta(hours=14)
_ZONE_STEP = timedelta(minutes=15)
_FIRST_YEAR = 1990  # Before it, no camera wrote EXIF: its clock was never set.
_FAST = timedelta(hours=1)  # So far a camera's clock may be ahead.


@dataclass(frozen=True)
class Metadata:
    """What a photo tells of itself.

    `orientation` is 1 to 8 (TIFF 6.0, tag 274), `taken_at` has a zone, `position` is latitude and longitude
    in WGS-84 degrees to six decimals (0.1 m).
    """

    orientation: int = 1
    taken_at: datetime | None = None
    position: Position | None = None


class Telling(Protocol):
    """What metadata is read from: an opened photo."""

    info: dict[Any, Any]

    def getexif(self) -> Image.Exif: ...


def read_metadata(picture: Telling, zone: ZoneInfo, at: datetime) -> Metadata:
    """What `picture` tells of itself; what is missing or makes no sense is left out, and nothing is raised.

    `zone` is the one that the camera's clock is taken to be in when neither an offset nor a GPS time tells, `at` the
    present. XMP is asked for what EXIF does not tell.
    """
    exif: Any = _or_none(picture.getexif) or {}
    gps = _or_none(exif.get_ifd, IFD.GPSInfo) or {} if exif else {}
    details = _or_none(exif.get_ifd, IFD.Exif) or {} if exif else {}
    more = xmp.read(picture.info)
    taken_at = _taken_at(details, _or_none(_gps_time, gps), zone)
    if taken_at is None and more.taken_at:
        taken_at = more.taken_at if more.taken_at.tzinfo else more.taken_at.replace(tzinfo=zone)
    return Metadata(
        orientation=_orientation(exif),
        taken_at=taken_at if taken_at and _is_possible(taken_at, at) else None,
        position=_or_none(_position, gps) or _somewhere(more.position),
    )


def _is_possible(taken_at: datetime, at: datetime) -> bool:
    return taken_at.year >= _FIRST_YEAR and taken_at <= at + _FAST


def _or_none(read: Callable[..., T], *arguments: object) -> T | None:
    """Hostile tags make Pillow and arithmetic raise nearly anything; all of it means "not known"."""
    try:
        return read(*arguments)
    except Exception:
        return None


def _orientation(exif: Tags) -> int:
    value = exif.get(Base.Orientation)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _text(value: object) -> str:
    """An ASCII tag as its writer meant it: some are typed as bytes, most end in NUL or blanks."""
    text = value.decode("ascii") if isinstance(value, bytes) else value
    if not isinstance(text, str):
        raise TypeError("no text")
    return text.strip(" \0")


def _sexagesimal(value: object, most: int) -> float:
    """One to three rationals (degrees or hours, minutes, seconds) as one number.

    Raises ValueError when a part is out of range, infinite, or has the denominator zero (which reads as NaN).
    A part of exactly sixty passes, since some writers round up to it; and seconds of 0/0 do behind a fraction of a
    minute, which says it all.
    """
    parts = [float(part) for part in (value if isinstance(value, tuple) else (value,))]
    if len(parts) == 3 and isnan(parts[2]) and parts[1] % 1:
        parts.pop()
    limits = (most, 60, 60)[: len(parts)]
    if not all(0 <= part <= limit for part, limit in zip(parts, limits, strict=True)):
        raise ValueError("out of range")
    return sum(part / unit for part, unit in zip(parts, (1, 60, 3600), strict=False))


def _coordinate(value: object, reference: object, signs: Mapping[str, int], most: int) -> float:
    """Degrees with their hemisphere's sign, to six decimals."""
    degrees = _sexagesimal(value, most) * signs[_text(reference)[0].upper()]
    if abs(degrees) > most:
        raise ValueError("out of range")
    return round(degrees, 6)


def _position(gps: Tags) -> Position | None:
    """EXIF 2.32 §4.6.6; raises when a part is missing or makes no sense."""
    latitude = _coordinate(gps[GPS.GPSLatitude], gps[GPS.GPSLatitudeRef], _NORTH, 90)
    longitude = _coordinate(gps[GPS.GPSLongitude], gps[GPS.GPSLongitudeRef], _EAST, 180)
    datum = re.sub(r"\W", "", _or_none(_text, gps.get(GPS.GPSMapDatum)) or "").upper()
    return None if datum in _SHIFTED_DATUMS else _somewhere((latitude, longitude))


def _somewhere(position: Position | None) -> Position | None:
    """Cameras without a fix write zeros, and no resident lives where both are nought."""
    return position if position and any(position) else None


def _moment(text: str) -> datetime:
    """`2008:10:22 16:28:39` or its date alone, whatever stands between the numbers.

    Raises ValueError for a year that no camera saw; that also keeps the moment far enough from the ends of
    the calendar to be moved to any zone.
    """
    year, month, day, *clock = (int(number) for number in re.findall(r"\d+", text)[:6])
    if not _FIRST_YEAR <= year < 9999:
        raise ValueError("no such year")
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _gps_time(gps: Tags) -> datetime:
    """The time of the fix, which GPS gives in UTC."""
    day = _moment(_text(gps[GPS.GPSDateStamp]))
    return day + timedelta(hours=_sexagesimal(gps[GPS.GPSTimeStamp], 24))


def _offset(text: str) -> tzinfo | None:
    return datetime.strptime(text, "%z").tzinfo


def _taken_at(details: Tags, gps_time: datetime | None, zone: ZoneInfo) -> datetime | None:
    """The camera's clock in the zone it names, else in the one that the GPS time implies, else in `zone`."""
    for time_tag, offset_tag in _TIMES:
        clock = _or_none(lambda tag=time_tag: _moment(_text(details[tag])))
        if clock is None:
            continue
        offset = _or_none(lambda tag=offset_tag: _offset(_text(details[tag])))
        if offset is None and gps_time:
            return _beside(gps_time, clock)
        return clock.replace(tzinfo=offset or zone)
    return gps_time


def _beside(gps_time: datetime, clock: datetime) -> datetime:
    """The camera's clock in the zone that lies between it and the GPS time.

    Zones go by quarters of an hour, and a fix is at most minutes old. A clock further off than any zone was
    never set: then the GPS time itself is the answer.
    """
    offset = round((clock - gps_time) / _ZONE_STEP) * _ZONE_STEP
    if not _FURTHEST_WEST <= offset <= _FURTHEST_EAST:
        return gps_time
    return clock.replace(tzinfo=timezone(offset))
