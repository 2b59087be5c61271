"""Bytes that are no photo, or too much of one, are refused with a stable code, and nothing else is raised."""

import pickle
import random
import struct
import zlib
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from participate.photos.decode import decode
from participate.photos.limits import Bounds
from participate.photos.outcome import Decoded, Reason, Refused


def saved(form: str, size: tuple[int, int] = (160, 120), **options: object) -> bytes:
    target = BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(target, form, **options)
    return target.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def outcome(data: bytes) -> Reason | Decoded:
    try:
        return decode(data, ZoneInfo("UTC"))
    except Refused as refused:
        return refused.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\0", "not_an_image"),
        (b"hello", "not_an_image"),
        (b"<!doctype html><img src=x onerror=alert(1)>", "not_an_image"),
        (b"MZ" + b"\0" * 100, "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_format"),
        (b"%PDF-1.7", "unsupported_format"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "unsupported_format"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "broken"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "unsupported_format"),
        (b"\xff\xd8\xff", "broken"),
        (b"GIF89a", "broken"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "broken"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "broken"),
        (png_of(10_000, 5_001), "too_many_pixels"),
        (png_of(100_000, 100_000), "too_many_pixels"),
        (png_of(1, 65_501), "too_many_pixels"),
        (png_of(0, 0), "broken"),
    ],
)
def test_the_code_says_why(data: bytes, code: str) -> None:
    assert outcome(data) == code


@pytest.mark.parametrize("form", ["TIFF", "BMP", "ICO", "JPEG2000"])
def test_whole_pictures_in_other_formats_are_unsupported(form: str) -> None:
    assert outcome(saved(form)) == Reason.UNSUPPORTED_FORMAT


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_half_a_picture_is_broken(form: str) -> None:
    whole = saved(form)
    assert isinstance(outcome(whole), Decoded)
    assert outcome(whole[: len(whole) // 2]) == Reason.BROKEN


def test_an_animation_is_no_way_around_the_pixel_limit() -> None:
    wide = saved("GIF").replace(struct.pack("<HH", 160, 120), struct.pack("<HH", 9000, 9000))
    assert Bounds().pixels < 9000 * 9000
    assert outcome(wide) == Reason.TOO_MANY_PIXELS


def test_pixels_with_a_wrong_checksum_are_broken() -> None:
    whole = bytearray(saved("PNG"))
    whole[whole.index(b"IEND") - 5] ^= 1
    assert outcome(bytes(whole)) == Reason.BROKEN


def test_colours_with_a_wrong_checksum_are_broken() -> None:
    target = BytesIO()
    Image.new("P", (8, 8)).save(target, "PNG")
    whole = bytearray(target.getvalue())
    whole[whole.index(b"IDAT") - 5] ^= 1
    assert b"PLTE" in whole
    assert outcome(bytes(whole)) == Reason.BROKEN


def test_a_remark_with_a_wrong_checksum_harms_nothing() -> None:
    whole = saved("PNG")
    remark = bytearray(chunk(b"iCCP", b"nonsense"))
    remark[-1] ^= 1
    assert isinstance(outcome(whole[:33] + bytes(remark) + whole[33:]), Decoded)


def test_the_bytes_decide_and_what_follows_the_picture_does_not() -> None:
    for form in ("JPEG", "PNG", "GIF"):
        photo = outcome(saved(form) + b"<br>HTML<script>alert(1)</script>PK\3\4")
        assert isinstance(photo, Decoded)
        assert photo.media_type == f"image/{form.lower()}"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_damage_anywhere_is_refused_or_borne(form: str) -> None:
    seeded, whole = random.Random(form), saved(form, (64, 48))
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(seeded.randint(1, 8)):
            damaged[seeded.randrange(len(damaged))] = seeded.randrange(256)
        assert isinstance(outcome(bytes(damaged)), Decoded | Reason)


def test_a_refusal_crosses_from_one_process_to_another() -> None:
    refused = pickle.loads(pickle.dumps(Refused(Reason.BROKEN)))  # noqa: S301
    assert refused.code is Reason.BROKEN
