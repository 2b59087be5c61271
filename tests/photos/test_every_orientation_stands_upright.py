"""However the camera was held, the pictures come out upright and the size is that of the upright photo."""

from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageOps
from PIL.ExifTags import Base

from participate.photos.decode import decode

UPRIGHT = Image.new("RGB", (64, 32), "white")
UPRIGHT.paste("red", (0, 0, 32, 16))
UPRIGHT.paste("blue", (32, 16, 64, 32))

HIGH = {"WEBP": {"lossless": True}, "PNG": {}, "AVIF": {"quality": 95, "subsampling": "4:4:4"}}


def held(orientation: int, form: str) -> bytes:
    """The upright picture as a camera that was held so would have stored it."""
    exif = Image.Exif()
    # Four of the eight are their own inverse, and so are 5 and 7; 6 and 8 undo each other.
    exif[Base.Orientation] = {6: 8, 8: 6}.get(orientation, orientation)
    turned = UPRIGHT.copy()
    turned.getexif().update(exif)
    stored = ImageOps.exif_transpose(turned)
    exif[Base.Orientation] = orientation
    target = BytesIO()
    if form == "HEIF":
        image = pytest.importorskip("pillow_heif").from_pillow(stored)
        image.info["exif"] = exif.tobytes()
        image.save(target, quality=95, chroma=444)
    else:
        stored.save(target, form, exif=exif, **HIGH.get(form, {"quality": 95, "subsampling": 0}))
    return target.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright(orientation: int, form: str) -> None:
    photo = decode(held(orientation, form), ZoneInfo("UTC"))
    assert (photo.width, photo.height) == (64, 32)
    for data in (photo.view, photo.thumb):
        with Image.open(BytesIO(data)) as picture:
            assert picture.size == (64, 32)
            assert Base.Orientation not in picture.getexif()
            corners = [picture.getpixel(at) for at in ((4, 4), (60, 4), (4, 28), (60, 28))]
        expected = [(255, 0, 0), (255, 255, 255), (255, 255, 255), (0, 0, 255)]
        for corner, wanted in zip(corners, expected, strict=True):
            assert all(abs(a - b) < 12 for a, b in zip(corner, wanted, strict=True))


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_without_sense_is_upright(value: int) -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = value
    target = BytesIO()
    UPRIGHT.save(target, "JPEG", exif=exif)
    photo = decode(target.getvalue(), ZoneInfo("UTC"))
    assert (photo.width, photo.height) == (64, 32)
