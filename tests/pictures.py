"""Photos with something to see on them, and copies as people pass them on."""

from datetime import UTC, datetime
from io import BytesIO
from random import Random
from typing import Any

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD, Base


def scene(seed: int) -> bytes:
    """A JPEG with light and shade; each seed draws another."""
    chance, picture = Random(seed), Image.new("RGB", (640, 480), "#8fa0b0")
    draw = ImageDraw.Draw(picture)
    for _ in range(25):
        x, y, size = chance.randrange(640), chance.randrange(480), chance.randrange(30, 200)
        shape = draw.ellipse if chance.random() < 0.5 else draw.rectangle
        shape((x - size, y - size, x + size, y + size), fill=tuple(chance.randrange(256) for _ in range(3)))
    return saved(picture)


def saved(picture: Image.Image, quality: int = 80) -> bytes:
    """As JPEG."""
    target = BytesIO()
    picture.convert("RGB").save(target, "JPEG", quality=quality)
    return target.getvalue()


def copied(photo: bytes) -> bytes:
    """As a messenger passes it on: smaller, and compressed hard."""
    picture = Image.open(BytesIO(photo))
    return saved(picture.resize((picture.width * 2 // 3, picture.height * 2 // 3)), 50)


def taken(photo: bytes, at: datetime, lat: float, lon: float) -> bytes:
    """With the moment and the place (degrees north and east) that a phone writes into it."""
    exif = Image.Exif()
    moment = {
        Base.DateTimeOriginal: at.astimezone(UTC).strftime("%Y:%m:%d %H:%M:%S"),
        Base.OffsetTimeOriginal: "+00:00",
    }
    exif.get_ifd(IFD.Exif).update(moment)
    position: dict[int, Any] = {GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (lat, 0.0, 0.0)}
    exif.get_ifd(IFD.GPSInfo).update(position | {GPS.GPSLongitudeRef: "E", GPS.GPSLongitude: (lon, 0.0, 0.0)})
    target = BytesIO()
    Image.open(BytesIO(photo)).save(target, "JPEG", exif=exif)
    return target.getvalue()


def plain(colour: str) -> bytes:
    """A photo of nothing."""
    return saved(Image.new("RGB", (640, 480), colour))
