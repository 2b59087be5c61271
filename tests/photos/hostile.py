"""Files that are made to break whoever opens them, or that are not what they seem; each small enough to be sent."""

import random
import struct
import zlib
from collections.abc import Callable
from io import BytesIO

from PIL import Image

from participate.photos import heic

PICTURE = Image.effect_mandelbrot((160, 120), (-2, -1.5, 1, 1.5), 50).convert("RGB")
PHONE = ["JPEG", "PNG", "WEBP", "GIF", "AVIF", *(["HEIF"] if heic.library() else [])]
_PNG = b"\x89PNG\r\n\x1a\n"
_PAGE = b"<html><script>alert(document.domain)</script></html>"


def saved(form: str, image: Image.Image = PICTURE, **options: object) -> bytes:
    """The picture in a format, by Pillow's name for it."""
    target = BytesIO()
    if form == "HEIF":
        library = heic.library()
        assert library is not None
        library.from_pillow(image).save(target, **options)
    else:
        image.save(target, form, **options)
    return target.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *between: bytes, depth: int = 8, colour: int = 2, pixels: bytes = b"\0" * 99) -> bytes:
    """A PNG of that size by its own account, with chunks between its head and its pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return _PNG + head + b"".join(between) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def _zeros(length: int) -> bytes:
    """`length` zeros, deflated."""
    return zlib.compress(bytes(length), 9)


def _remarks() -> bytes:
    """A small picture among remarks that inflate to a gigabyte."""
    bomb = _zeros(50_000_000)
    remarks = [
        chunk(b"zTXt", b"Comment\0\0" + bomb),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb),
        chunk(b"iCCP", b"icc\0\0" + bomb),
    ]
    return png(8, 8, *remarks * 7, pixels=(b"\0" + bytes(24)) * 8)


def _jpeg_that_lies(width: int, height: int) -> bytes:
    whole = bytearray(saved("JPEG"))
    at = whole.index(b"\xff\xc0") + 5
    whole[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(whole)


def _gif_of(width: int, height: int) -> bytes:
    return saved("GIF").replace(struct.pack("<HH", 160, 120), struct.pack("<HH", width, height))


def _frames(count: int) -> bytes:
    """A GIF of so many frames, all alike."""
    whole = saved("GIF", Image.new("P", (4, 4)))
    at = whole.index(b",")
    frame = whole[at:-1]
    return whole[:at] + frame * count + b";"


def _webp_of(width: int, height: int) -> bytes:
    """An extended WebP that announces a canvas of that size."""
    body = saved("WEBP")[12:]
    head = (
        b"VP8X"
        + struct.pack("<I", 10)
        + bytes(4)
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little")
    )
    return b"RIFF" + struct.pack("<I", len(head) + len(body) + 4) + b"WEBP" + head + body


def _sized(form: str) -> bytes:
    """AVIF or HEIF that says 65,535 by 65,535 (ISO/IEC 23008-12 §6.5.3)."""
    whole = saved(form)
    at = whole.index(b"ispe") + 8
    return whole[:at] + struct.pack(">II", 65_535, 65_535) + whole[at + 8 :]


def _ifd_that_loops() -> bytes:
    """EXIF whose directories point at themselves, and whose text is five gigabytes long by its own account."""
    entries = struct.pack("<HHII", 0x8769, 4, 1, 8) + struct.pack("<HHII", 0x8825, 4, 1, 8)
    entries += struct.pack("<HHII", 0x010E, 2, 0xFFFFFFFF, 8)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 3) + entries + struct.pack("<I", 8)
    return saved("JPEG", exif=exif)


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _noise() -> bytes:
    return random.Random(1).randbytes(5000)


MADE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\xff",
    "zeros": lambda: bytes(5000),
    "noise": _noise,
    "page.jpg": lambda: _PAGE,
    "drawing.png": lambda: b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "document": lambda: b"%PDF-1.7\n" + saved("JPEG"),
    "postscript": lambda: saved("EPS"),
    "tiff": lambda: saved("TIFF"),
    "bmp": lambda: saved("BMP"),
    "ico": lambda: saved("ICO"),
    "psd": lambda: b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 60_000, 60_000, 8, 3),
    "jpeg and page": lambda: saved("JPEG", comment=_PAGE) + _PAGE,
    "gif and archive": lambda: saved("GIF") + b"PK\3\4" + _noise(),
    "jpeg and film": lambda: saved("JPEG") + b"\0\0\0\x18ftypmp42" + _noise(),
    "jpeg within jpeg": lambda: saved("JPEG")[:2] + _segment(0xE1, saved("JPEG")) + saved("JPEG")[2:],
    "png with remarks of a gigabyte": _remarks,
    "png of one colour": lambda: png(7071, 7071, pixels=bytes(7071 * 3 * 7071 + 7071), colour=2),
    "png of pixels that go on": lambda: png(64, 64, pixels=bytes(50_000_000)),
    "png of 65,000 squared bits": lambda: png(65_000, 65_000, depth=1, colour=0),
    "png of 4 thousand million a side": lambda: png(2**31 - 1, 2**31 - 1),
    "png of no size": lambda: png(0, 0),
    "png with a palette of nothing": lambda: png(8, 8, chunk(b"PLTE", b""), colour=3),
    "png that announces a million frames": lambda: png(8, 8, chunk(b"acTL", struct.pack(">II", 10**6, 0))),
    "jpeg of 65,500 squared": lambda: _jpeg_that_lies(65_500, 65_500),
    "jpeg larger than it is": lambda: _jpeg_that_lies(4000, 3000),
    "jpeg of no size": lambda: _jpeg_that_lies(0, 0),
    "jpeg whose directories loop": _ifd_that_loops,
    "jpeg of markers": lambda: b"\xff\xd8" + b"\xff\xe0\0\2" * 50_000,
    "jpeg of remarks": lambda: saved("JPEG")[:2] + _segment(0xFE, bytes(65_000)) * 60 + saved("JPEG")[2:],
    "gif of 65,535 squared": lambda: _gif_of(65_535, 65_535),
    "gif of 7,000 squared": lambda: _gif_of(7000, 7000),
    "gif of too many frames": lambda: _frames(200_000),
    "webp of 16,384 squared": lambda: _webp_of(16_384, 16_384),
    "webp larger than it is": lambda: _webp_of(3000, 3000),
    "avif of 65,535 squared": lambda: _sized("AVIF"),
    **({"heic of 65,535 squared": lambda: _sized("HEIF")} if "HEIF" in PHONE else {}),
    "heic without anything": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "avif without anything": lambda: b"\0\0\0\x18ftypavif\0\0\0\0mif1avif",
    "film": lambda: b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + _noise(),
    **{f"half a {form}": lambda form=form: saved(form)[: len(saved(form)) // 2] for form in PHONE},
    **{f"the head of a {form}": lambda form=form: saved(form)[:40] for form in PHONE},
    **{f"a {form} with a hole": lambda form=form: _with_a_hole(saved(form)) for form in PHONE},
}


def _with_a_hole(whole: bytes) -> bytes:
    third = len(whole) // 3
    return whole[:third] + bytes(third) + whole[2 * third :]
