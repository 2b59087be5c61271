"""Which image format some bytes are in, told by the bytes alone: names and declared types prove nothing."""

from zlib import crc32

# The formats that are taken in, by Pillow's name for them (and pillow-heif's).
_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
    "HEIF": "image/heif",
}

# The refused ones are here so that the sender hears "not this format" and not "this is no image".
_BEGINNINGS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"BM", "BMP"),
    (b"8BPS", "PSD"),
    (b"%!PS", "EPS"),
    (b"%PDF", "PDF"),
    (b"<svg", "SVG"),
    (b"\0\0\1\0", "ICO"),
    (b"\0\0\0\x0cjP  ", "JPEG2000"),
    (b"\0\0\0\x0cJXL ", "JXL"),
    (b"\xff\x0a", "JXL"),
)
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"}
_HEIF_BRANDS = {b"mif1", b"msf1"}
_AV1 = b"av01"  # The coding's name, where no brand tells it.
_PNG_SIGNATURE = 8  # bytes
_FAR = 4096  # bytes: the items of a file are described at its beginning.
_PNG_FRAME = 12  # bytes around a chunk's content: its length, type and checksum.


def format_of(data: bytes) -> str | None:
    """Pillow's name for the format that `data` begins like, or None when it begins like no image."""
    for beginning, name in _BEGINNINGS:
        if data.startswith(beginning):
            return name
    if data[4:8] == b"ftyp":
        return _boxed(data)
    return "WEBP" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def media_type_of(name: str) -> str | None:
    """The media type of a format that is taken in; None for any other."""
    return _MEDIA_TYPES.get(name)


def _boxed(data: bytes) -> str:
    """The format of an ISO base media file (ISO/IEC 14496-12 §4.3), by all the brands it claims."""
    end = min(int.from_bytes(data[:4]), 256)
    brands = {data[at : at + 4] for at in range(8, end, 4)}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIC_BRANDS:
        return "HEIC"
    if brands & _HEIF_BRANDS:
        return "AVIF" if _AV1 in data[:_FAR] else "HEIF"
    return "MP4"


def sound_png(data: bytes) -> bytes:
    """A PNG without what follows its end and without the ancillary chunks whose checksum is wrong.

    Pillow refuses a picture for a damaged remark and passes one whose pixels are damaged; this mends both.
    Raises ValueError when the checksum of a chunk that the picture cannot do without is wrong
    (PNG, third edition, §5.3 and §5.4).
    """
    whole = memoryview(data)
    kept, at, kind = [whole[:_PNG_SIGNATURE]], _PNG_SIGNATURE, b""
    while kind != b"IEND" and at + _PNG_FRAME <= len(data):
        end = at + _PNG_FRAME + int.from_bytes(data[at : at + 4])
        kind, chunk = data[at + 4 : at + 8], whole[at:end]
        if crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:]):
            kept.append(chunk)
        elif not kind[0] & 0x20:
            raise ValueError(f"the checksum of {kind!r} is wrong")
        at = end
    return data if sum(map(len, kept)) == len(data) else b"".join(kept)


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP, from its first chunk (RFC 9649 §2.5 to §2.7); nought by nought where that is torn."""
    kind, head = data[12:16], data[20:30].ljust(10, b"\0")
    if kind == b"VP8X":
        return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF


def gif_frames(data: bytes, most: int) -> int:
    """How many pictures a GIF holds (GIF89a §20), counted no further than one beyond `most`.

    Pillow would make ready to show each of them. What is torn ends the count.
    """
    at, frames = 13 + _colours(data[10:11]), 0
    while frames <= most and (kind := data[at : at + 1]) in (b"!", b","):
        if kind == b",":
            frames += 1
            at += 11 + _colours(data[at + 9 : at + 10])
        else:
            at += 2
        while size := data[at : at + 1]:
            at += 1 + size[0]
            if size == b"\0":
                break
    return frames


def _colours(flags: bytes) -> int:
    """The length of the colour table that these flags announce."""
    return 3 * 2 ** ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0
