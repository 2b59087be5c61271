"""Photos of every format that are changed at random are decoded or refused, and nothing else ever happens.

PHOTO_FUZZ_CASES sets how many changed photos of each format are tried.
"""

import os
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from participate.photos.decode import decode
from participate.photos.outcome import Decoded, Reason, Refused
from tests.photos.hostile import PHONE, saved

CASES = int(os.environ.get("PHOTO_FUZZ_CASES", "700"))
AT = datetime(2026, 5, 6, tzinfo=UTC)
TELLING = {"JPEG", "PNG", "WEBP", "AVIF"}
# Bytes that mean something somewhere: lengths, counts and markers at their ends.
WEIGHTY = [b"\0", b"\xff", b"\x7f\xff", b"\x80\0", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xd9"]
VARIANTS: dict[str, list[dict[str, object]]] = {
    "JPEG": [{}, {"progressive": True}, {"subsampling": 0, "optimize": True}],
    "PNG": [{}, {"compress_level": 0}],
    "WEBP": [{}, {"lossless": True}],
    "AVIF": [{"speed": 10}],
}


@cache
def whole(form: str) -> list[bytes]:
    """Valid photos of a format, small and with all that a phone writes into them."""
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif.get_ifd(IFD.Exif).update({Base.DateTimeOriginal: "2026:05:04 09:30:00", Base.MakerNote: bytes(40)})
    exif.get_ifd(IFD.GPSInfo).update({GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (28.0, 13.0, 41.52)})
    told = {"exif": exif.tobytes(), "icc_profile": b"no profile"} if form in TELLING else {}
    picture = Image.effect_mandelbrot((64, 48), (-2, -1.5, 1, 1.5), 50).convert("P" if form == "GIF" else "RGB")
    return [saved(form, picture, **told, **options) for options in VARIANTS.get(form, [{}])]


@st.composite
def changed(draw: st.DrawFn, form: str) -> bytes:
    """A photo with some of its bytes changed, moved, doubled or gone."""
    data = bytearray(draw(st.sampled_from(whole(form))))
    for _ in range(draw(st.integers(1, 6))):
        at = (
            draw(st.integers(0, len(data) - 1)) if draw(st.booleans()) else draw(st.integers(0, min(80, len(data) - 1)))
        )
        kind = draw(st.sampled_from(["set", "bit", "run", "cut", "double", "grow"]))
        if kind == "set":
            value = draw(st.sampled_from(WEIGHTY))
            data[at : at + len(value)] = value
        elif kind == "bit":
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "run":
            data[at : at + 16] = draw(st.binary(min_size=1, max_size=16))
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 40))]
        elif kind == "double":
            data[at:at] = data[at : at + draw(st.integers(1, 200))]
        else:
            data[at:at] = draw(st.binary(max_size=40))
        data = data or bytearray(b"\0")
    return bytes(data)


def outcome(data: bytes) -> Decoded | Reason:
    try:
        return decode(data, ZoneInfo("Asia/Shanghai"), at=AT)
    except Refused as refused:
        return refused.code


@pytest.mark.parametrize("form", PHONE)
def test_every_changed_photo_is_decoded_or_refused(form: str) -> None:
    seen: set[object] = set()

    @settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(changed(form))
    def try_it(data: bytes) -> None:
        found = outcome(data)
        assert isinstance(found, Decoded | Reason)
        seen.add(type(found) if isinstance(found, Decoded) else found)

    try_it()
    assert seen >= {Decoded, Reason.BROKEN}, "the changes are neither too small nor too great"


@pytest.mark.parametrize("form", PHONE)
def test_no_cut_goes_unnoticed(form: str) -> None:
    for data in whole(form):
        for cut in range(0, len(data) // 2, max(1, len(data) // 40)):
            assert isinstance(outcome(data[:cut]), Reason)
