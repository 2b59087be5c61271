"""Draws the photo that a newcomer tries the service with: a street with a pothole, a bent lamp and a car; the place."""

from datetime import UTC, datetime
from hashlib import shake_256
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFont
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

SIZE = (4000, 3000)
_HORIZON = 1250
_SECOND_STEPS = 100_000  # of an arc second: 0.3 mm on the ground.
_EXIF_TIME = "%Y:%m:%d %H:%M:%S"


def draw_sample(lat: float, lon: float, taken_at: datetime) -> bytes:
    """A 12-megapixel JPEG, as a phone would have taken it at `lat`, `lon` (WGS-84 degrees) at `taken_at`.

    The same arguments draw the same bytes. Raises ValueError when `taken_at` has no zone or the place is not
    on the globe.
    """
    exif = _exif(lat, lon, taken_at)
    scene = Image.new("RGB", SIZE, "#b9d3e6")
    draw = ImageDraw.Draw(scene)
    for part in (_houses, _road, _pothole, _lamp, _car):
        part(draw)
    target = BytesIO()
    _grained(scene).save(target, "JPEG", quality=85, exif=exif)
    return target.getvalue()


def _houses(draw: ImageDraw.ImageDraw) -> None:
    for left, storeys, colour in ((0, 5, "#a9927c"), (700, 3, "#c4b59b"), (2700, 4, "#96857a"), (3350, 6, "#b7a08a")):
        draw.rectangle((left, _HORIZON - 150 * storeys - 40, left + 640, _HORIZON), fill=colour)
        for x in (left + 60, left + 260, left + 460):
            for storey in range(storeys):
                y = _HORIZON - 150 * storey
                draw.rectangle((x, y - 130, x + 110, y - 40), fill="#4b5a66")


def _road(draw: ImageDraw.ImageDraw) -> None:
    """A road that narrows to the horizon, between meadows, with a broken line along its middle."""
    draw.rectangle((0, _HORIZON, *SIZE), fill="#8d9a6a")
    draw.polygon(((1850, _HORIZON), (2150, _HORIZON), (3900, 3000), (100, 3000)), fill="#5d5d60")
    for far, near in ((1350, 1450), (1600, 1800), (2050, 2400), (2650, 3000)):
        left, right = ([(2000 + side * (y - _HORIZON) // 40, y) for y in (far, near)] for side in (-1, 1))
        draw.polygon((*left, *reversed(right)), fill="#e8e4d8")


def _lamp(draw: ImageDraw.ImageDraw) -> None:
    """A lamp post that something has driven into."""
    draw.line(((3150, 2350), (3140, 1500), (2780, 900)), fill="#3c4043", width=46, joint="curve")
    draw.ellipse((2640, 820, 2860, 960), fill="#f1e7b0", outline="#3c4043", width=16)


def _car(draw: ImageDraw.ImageDraw) -> None:
    """A car seen from behind, whose plate must not be public."""
    draw.ellipse((560, 1980, 700, 2140), fill="#1d1d1f")
    draw.ellipse((980, 1980, 1120, 2140), fill="#1d1d1f")
    draw.polygon(((600, 1500), (1080, 1500), (1150, 1700), (530, 1700)), fill="#7a2f2b")
    draw.polygon(((630, 1530), (1050, 1530), (1100, 1690), (580, 1690)), fill="#39434c")
    draw.rounded_rectangle((520, 1690, 1160, 2080), radius=40, fill="#8c3a34")
    draw.rectangle((660, 1850, 1020, 1965), fill="#1b4fae")
    draw.text((840, 1907), "A·68K52", "#f2f2f0", ImageFont.load_default(80), anchor="mm")


def _pothole(draw: ImageDraw.ImageDraw) -> None:
    """A hole in the road with water in it."""
    draw.ellipse((1050, 2150, 1950, 2550), fill="#39383a")
    draw.ellipse((1150, 2220, 1850, 2520), fill="#2a2622")
    draw.ellipse((1300, 2320, 1750, 2500), fill="#6f7f88")


def _grained(scene: Image.Image) -> Image.Image:
    """`scene` with a sensor's noise, coarse and fine, without which it would compress like a drawing."""
    for shrink, strength in ((8, 40), (2, 14)):
        size = SIZE[0] // shrink, SIZE[1] // shrink
        grain = Image.frombytes("L", size, shake_256(b"grain").digest(size[0] * size[1]))
        grain = grain.point(lambda value, strength=strength: value * strength // 255)
        grain = grain.resize(SIZE, Image.Resampling.BILINEAR)
        scene = ImageChops.subtract(scene, Image.merge("RGB", (grain,) * 3), offset=strength // 2)
    return scene


def _exif(lat: float, lon: float, taken_at: datetime) -> Image.Exif:
    if taken_at.tzinfo is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError("a sample needs a moment with its zone and a place on the globe")
    exif, moment = Image.Exif(), taken_at.astimezone(UTC)
    exif[Base.Make], exif[Base.Model] = "Participate", "Sample"
    exif[Base.Orientation] = 1
    exif.get_ifd(IFD.Exif).update(
        {
            Base.DateTimeOriginal: taken_at.strftime(_EXIF_TIME),
            Base.OffsetTimeOriginal: taken_at.isoformat(timespec="seconds")[19:25],
        }
    )
    exif.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "S" if lat < 0 else "N",
            GPS.GPSLatitude: _rationals(lat),
            GPS.GPSLongitudeRef: "W" if lon < 0 else "E",
            GPS.GPSLongitude: _rationals(lon),
            GPS.GPSMapDatum: "WGS-84",
            GPS.GPSDateStamp: moment.strftime("%Y:%m:%d"),
            GPS.GPSTimeStamp: tuple(IFDRational(part) for part in moment.timetuple()[3:6]),
        }
    )
    return exif


def _rationals(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and seconds as EXIF 2.32 §4.6.6 writes them; counted in whole steps, so that no part
    is rounded up to sixty."""
    minutes, steps = divmod(round(abs(degrees) * 3600 * _SECOND_STEPS), 60 * _SECOND_STEPS)
    return IFDRational(minutes // 60), IFDRational(minutes % 60), IFDRational(steps, _SECOND_STEPS)
