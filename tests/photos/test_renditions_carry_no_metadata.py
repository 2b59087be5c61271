"""Nothing that a photo says besides its pixels is found in the bytes that others get to see."""

import struct
from collections.abc import Callable
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageCms
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

from participate.photos.decode import decode

CANARY = "CanarySRGB"  # As long as the words it takes the place of in a colour profile.
SPELLINGS = [CANARY.encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be")]
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{CANARY}</dc:creator></x:xmpmeta>'.encode()


def exif() -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Artist] = exif[Base.ImageDescription] = CANARY
    exif.get_ifd(IFD.Exif).update({Base.UserComment: b"ASCII\0\0\0" + CANARY.encode(), Base.MakerNote: SPELLINGS[1]})
    exif.get_ifd(IFD.GPSInfo).update({GPS.GPSAreaInformation: CANARY.encode()})
    return exif


def profile() -> bytes:
    whole = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return whole.replace("RGB built-".encode("utf-16-be"), SPELLINGS[2])


def segment(marker: bytes, body: bytes) -> bytes:
    return b"\xff" + marker + (len(body) + 2).to_bytes(2) + body


def jpeg(colours: bytes | None = None) -> bytes:
    target = BytesIO()
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0f\x1c\x02\x50\0\x0a" + CANARY.encode()
    Image.effect_noise((900, 700), 60).convert("RGB").save(
        target,
        "JPEG",
        exif=exif(),
        xmp=XMP,
        comment=CANARY,
        icc_profile=colours,
        extra=segment(b"\xed", iptc) + segment(b"\xe5", CANARY.encode()),
    )
    return target.getvalue() + b"trailing " + CANARY.encode()


def jpeg_with_profile() -> bytes:
    return jpeg(profile())


def png() -> bytes:
    target, info = BytesIO(), PngInfo()
    info.add_text("Author", CANARY)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    Image.effect_noise((90, 70), 60).convert("RGBA").save(
        target, "PNG", pnginfo=info, exif=exif(), icc_profile=profile()
    )
    return target.getvalue() + CANARY.encode()


def webp() -> bytes:
    target = BytesIO()
    Image.effect_noise((90, 70), 60).convert("RGB").save(target, "WEBP", exif=exif(), xmp=XMP, icc_profile=profile())
    return target.getvalue()


def gif() -> bytes:
    target = BytesIO()
    Image.effect_noise((90, 70), 60).convert("P").save(target, "GIF", comment=CANARY)
    return target.getvalue()


def avif() -> bytes:
    target = BytesIO()
    Image.effect_noise((90, 70), 60).convert("RGB").save(
        target, "AVIF", exif=exif(), xmp=XMP, icc_profile=profile(), speed=10
    )
    return target.getvalue()


def heic() -> bytes:
    library, target = pytest.importorskip("pillow_heif"), BytesIO()
    image = library.from_pillow(Image.effect_noise((90, 70), 60).convert("RGB"))
    image.info.update(exif=exif().tobytes(), xmp=XMP, icc_profile=profile(), icc_profile_type="prof")
    image.save(target)
    return target.getvalue() + CANARY.encode()


def several_in_one() -> bytes:
    """As phones write a portrait with its depth, or a photo with its brighter twin: CIPA DC-007."""
    target, picture = BytesIO(), Image.effect_noise((90, 70), 60).convert("RGB")
    picture.save(target, "MPO", save_all=True, append_images=[picture], exif=exif(), comment=CANARY)
    return target.getvalue()


def apng() -> bytes:
    target, info, picture = BytesIO(), PngInfo(), Image.effect_noise((90, 70), 60).convert("RGB")
    info.add_text("Comment", CANARY)
    picture.save(target, "PNG", save_all=True, append_images=[picture.transpose(0)], pnginfo=info)
    return target.getvalue()


def with_thumbnail() -> bytes:
    """EXIF's own thumbnail is a whole JPEG with remarks of its own."""
    inner = BytesIO()
    Image.new("RGB", (16, 12)).save(inner, "JPEG", comment=CANARY)
    head = b"Exif\0\0II*\0" + struct.pack("<IHI", 8, 0, 14)
    at = len(head) - 6 + 2 + 2 * 12 + 4
    tags = struct.pack("<HHHII", 2, 0x0201, 4, 1, at) + struct.pack("<HHII", 0x0202, 4, 1, len(inner.getvalue()))
    target = BytesIO()
    Image.effect_noise((90, 70), 60).convert("RGB").save(target, "JPEG", exif=head + tags + bytes(4) + inner.getvalue())
    return target.getvalue()


ALL = [jpeg, jpeg_with_profile, with_thumbnail, several_in_one, png, apng, webp, gif, avif, heic]


@pytest.mark.parametrize("make", ALL)
def test_no_canary_gets_through(make: Callable[[], bytes]) -> None:
    original = make()
    assert CANARY.encode() in original, "the canary must have been planted"
    photo = decode(original, ZoneInfo("UTC"))
    for data in (photo.view, photo.thumb):
        assert not any(spelling in data for spelling in SPELLINGS)
        with Image.open(BytesIO(data)) as picture:
            assert picture.format == "JPEG"
            assert [name for name, _ in picture.applist] == ["APP0"]
            assert not picture.getexif()
            assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
            picture.load()
        assert data.endswith(b"\xff\xd9")


def test_the_profile_s_canary_was_planted() -> None:
    assert SPELLINGS[2] in jpeg_with_profile()
