"""The place and the time are read from EXIF as cameras really write it; nonsense is left out, never raised."""

from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from participate.photos.decode import decode
from participate.photos.outcome import Decoded

CHANGSHA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
PLACE = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (28.0, 13.0, 41.52),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (112.0, 56.0, 19.68),
}
CLOCK = {Base.DateTimeOriginal: "2026:05:04 09:30:00"}
FIX = {GPS.GPSDateStamp: "2026:05:04", GPS.GPSTimeStamp: (1.0, 28.0, 40.0)}


def telling(xmp: str, form: str = "JPEG", **options: Any) -> Decoded:
    target = BytesIO()
    packet = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description {xmp}</rdf:RDF></x:xmpmeta>'.encode()
    Image.new("RGB", (8, 8)).save(target, form, xmp=packet, **options)
    return decode(target.getvalue(), CHANGSHA, at=NOW)


def taken(gps: dict[int, Any] | None = None, details: dict[int, Any] | None = None) -> Decoded:
    exif = Image.Exif()
    exif.get_ifd(IFD.GPSInfo).update(gps or {})
    exif.get_ifd(IFD.Exif).update(details or {})
    target = BytesIO()
    Image.new("RGB", (8, 8)).save(target, "JPEG", exif=exif)
    return decode(target.getvalue(), CHANGSHA, at=NOW)


@pytest.mark.parametrize(("north", "east"), [("N", "E"), ("N", "W"), ("S", "E"), ("S", "W")])
def test_every_hemisphere(north: str, east: str) -> None:
    gps = PLACE | {GPS.GPSLatitudeRef: north, GPS.GPSLongitudeRef: east}
    assert taken(gps).position == (28.2282 * (1 if north == "N" else -1), 112.9388 * (1 if east == "E" else -1))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({GPS.GPSLatitude: (28.2282, 0.0, 0.0)}, (28.2282, 112.9388)),
        ({GPS.GPSLatitude: (28.0, 13.692, 0.0)}, (28.2282, 112.9388)),
        ({GPS.GPSLatitude: 28.2282}, (28.2282, 112.9388)),
        ({GPS.GPSLatitude: (27.0, 60.0, 0.0)}, (28.0, 112.9388)),
        ({GPS.GPSLatitudeRef: "n "}, (28.2282, 112.9388)),
        ({GPS.GPSMapDatum: "WGS-84   "}, (28.2282, 112.9388)),
        ({GPS.GPSMapDatum: "\x07"}, (28.2282, 112.9388)),
        ({GPS.GPSLatitude: (28.0, 13.692, IFDRational(0, 0))}, (28.2282, 112.9388)),
        ({GPS.GPSLatitude: (28.0,)}, (28.0, 112.9388)),
        ({GPS.GPSLatitudeRef: "s", GPS.GPSLongitudeRef: "w"}, (-28.2282, -112.9388)),
        ({GPS.GPSLatitudeRef: b"N\0"}, (28.2282, 112.9388)),
    ],
)
def test_odd_but_clear_positions_are_read(changes: dict[int, Any], place: tuple[float, float]) -> None:
    assert taken(PLACE | changes).position == place


@pytest.mark.parametrize(
    "changes",
    [
        {GPS.GPSLatitude: (IFDRational(28, 0), IFDRational(13), IFDRational(41))},
        {GPS.GPSLatitude: (IFDRational(28), IFDRational(13), IFDRational(0, 0))},
        {GPS.GPSLatitude: (91.0, 0.0, 0.0)},
        {GPS.GPSLatitude: (90.0, 1.0, 0.0)},
        {GPS.GPSLatitude: (28.0, 61.0, 0.0)},
        {GPS.GPSLatitude: (28.0, 13.0, 41.0, 2.0)},
        {GPS.GPSLongitude: (180.0, 0.0, 0.1)},
        {GPS.GPSLatitudeRef: None},
        {GPS.GPSLongitudeRef: ""},
        {GPS.GPSLongitudeRef: "X"},
        {GPS.GPSLatitude: None},
        {GPS.GPSLatitude: (0.0, 0.0, 0.0), GPS.GPSLongitude: (0.0, 0.0, 0.0)},
        {GPS.GPSMapDatum: "TOKYO"},
        {GPS.GPSMapDatum: "GCJ-02"},
    ],
)
def test_positions_without_sense_are_left_out(changes: dict[int, Any]) -> None:
    gps = {tag: value for tag, value in (PLACE | changes).items() if value is not None}
    assert taken(gps).position is None


def test_the_offset_in_the_photo_is_believed() -> None:
    moment = taken(FIX, CLOCK | {Base.OffsetTimeOriginal: "+05:30"}).taken_at
    assert moment == datetime(2026, 5, 4, 9, 30, tzinfo=timezone(timedelta(hours=5.5)))


def test_without_an_offset_the_gps_time_tells_the_zone() -> None:
    moment = taken(FIX | {GPS.GPSTimeStamp: (3.0, 43.0, 40.0)}, CLOCK).taken_at
    assert moment == datetime(2026, 5, 4, 9, 30, tzinfo=timezone(timedelta(hours=5.75)))


def test_a_clock_that_was_never_set_gives_way_to_the_gps_time() -> None:
    moment = taken(FIX, {Base.DateTimeOriginal: "2000:01:01 00:00:00"}).taken_at
    assert moment == datetime(2026, 5, 4, 1, 28, 40, tzinfo=UTC)


def test_the_gps_time_stands_alone() -> None:
    assert taken(FIX).taken_at == datetime(2026, 5, 4, 1, 28, 40, tzinfo=UTC)


def test_otherwise_the_zone_is_the_city_s() -> None:
    moment = taken(None, CLOCK).taken_at
    assert moment == datetime(2026, 5, 4, 1, 30, tzinfo=UTC)
    assert moment.tzinfo is CHANGSHA


@pytest.mark.parametrize(
    "clock",
    [
        "1989:12:31 23:59:59",
        "2026:05:07 12:00:00",
        "",
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2026:13:01 00:00:00",
        "9999:12:31 23:59:59",
        "noon",
    ],
)
def test_times_without_sense_are_left_out(clock: str) -> None:
    assert taken(None, {Base.DateTimeOriginal: clock}).taken_at is None


def test_an_offset_without_sense_is_as_none() -> None:
    moment = taken(None, CLOCK | {Base.OffsetTimeOriginal: "+99:99"}).taken_at
    assert moment == datetime(2026, 5, 4, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("cut", range(6, 200, 7))
def test_exif_that_is_cut_short_harms_nothing(cut: int) -> None:
    exif = Image.Exif()
    exif.get_ifd(IFD.GPSInfo).update(PLACE)
    exif.get_ifd(IFD.Exif).update(CLOCK)
    target = BytesIO()
    Image.new("RGB", (8, 8)).save(target, "JPEG", exif=exif.tobytes()[:cut])
    assert decode(target.getvalue(), CHANGSHA).width == 8


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF", "HEIF"])
def test_other_formats_tell_it_too(form: str) -> None:
    exif, target = Image.Exif(), BytesIO()
    exif[Base.Orientation] = 6
    exif.get_ifd(IFD.GPSInfo).update(PLACE | FIX)
    exif.get_ifd(IFD.Exif).update(CLOCK | {Base.OffsetTimeOriginal: "+09:00"})
    if form == "HEIF":
        image = pytest.importorskip("pillow_heif").from_pillow(Image.new("RGB", (80, 60)))
        image.info["exif"] = exif.tobytes()
        image.save(target)
    else:
        Image.new("RGB", (80, 60)).save(target, form, exif=exif.tobytes())
    photo = decode(target.getvalue(), CHANGSHA, at=NOW)
    assert (photo.width, photo.height) == (60, 80)
    assert photo.position == (28.2282, 112.9388)
    assert photo.taken_at == datetime(2026, 5, 4, 0, 30, tzinfo=UTC)


XMP = 'exif:GPSLatitude="28,13.692N" exif:GPSLongitude="112,56,19.68E" '
XMP += 'exif:DateTimeOriginal="2026-05-04T09:30:00+09:00"/>'


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "AVIF"])
def test_xmp_tells_what_exif_does_not(form: str) -> None:
    photo = telling(XMP, form)
    assert photo.position == (28.2282, 112.9388)
    assert photo.taken_at == datetime(2026, 5, 4, 0, 30, tzinfo=UTC)


def test_xmp_s_other_spelling() -> None:
    photo = telling(
        "><exif:GPSLatitude>28,13.692S</exif:GPSLatitude><exif:GPSLongitude> 112,56.328W </exif:GPSLongitude>"
        "<exif:DateTimeOriginal>2026-05-04T09:30:00</exif:DateTimeOriginal></rdf:Description>"
    )
    assert photo.position == (-28.2282, -112.9388)
    assert photo.taken_at == datetime(2026, 5, 4, 1, 30, tzinfo=UTC)


def test_exif_comes_before_xmp() -> None:
    exif = Image.Exif()
    exif.get_ifd(IFD.GPSInfo).update(PLACE | {GPS.GPSLatitudeRef: "S"})
    assert telling(XMP, exif=exif).position == (-28.2282, 112.9388)


@pytest.mark.parametrize(
    "xmp",
    [
        'exif:GPSLatitude="28,13.692" exif:GPSLongitude="112,56,19.68E"/>',
        'exif:GPSLatitude="91,0.0N" exif:GPSLongitude="112,56,19.68E"/>',
        'exif:GPSLatitude="28,61.0N" exif:GPSLongitude="112,56,19.68E"/>',
        'exif:GPSLatitude="0,0.0N" exif:GPSLongitude="0,0.0E"/>',
        'exif:GPSLatitude="28,13.692N" exif:DateTimeOriginal="yesterday"/>',
        'exif:GPSLatitude="' + "1" * 5000 + "/>",
    ],
)
def test_xmp_without_sense_is_left_out(xmp: str) -> None:
    photo = telling(xmp)
    assert (photo.position, photo.taken_at) == (None, None)


def test_a_camera_whose_clock_is_a_little_fast_is_believed() -> None:
    assert taken(None, {Base.DateTimeOriginal: "2026:05:06 20:10:00"}).taken_at is not None
