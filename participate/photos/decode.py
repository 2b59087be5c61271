"""Turns bytes that claim to be a photo into two clean pictures and what the photo tells, or refuses them."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from PIL import AvifImagePlugin, Image, ImageCms, JpegImagePlugin
from PIL.ExifTags import GPS, IFD, Base

from participate.photos import heic
from participate.photos.formats import format_of, gif_frames, media_type_of, sound_png, webp_size
from participate.photos.limits import Bounds
from participate.photos.metadata import read_metadata
from participate.photos.outcome import Decoded, Reason, Refused

VIEW_SIDE, THUMB_SIDE = 1600, 320
# JPEG is shown by every phone, browser and office program, and is encoded in a seventh of WebP's time.
QUALITY = 80
# For shrinking as good as the bicubic one by Pillow's own account (its manual, "Concepts", "Filters comparison table"),
# at 0.6 of the cost.
FILTER = Image.Resampling.HAMMING

_SRGB = ImageCms.createProfile("sRGB")
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PLAIN = {"L", "RGB", "CMYK"}
_BAND = 32  # rows of what is shrunk
# What decoding holds for each pixel by format, as measured (docs/adr/0024): libwebp keeps two canvases, libavif planes
# and their copy, libheif too unless it decodes tile by tile. Any other format holds Pillow's own four bytes.
_BYTES_A_PIXEL = {"WEBP": 16.5, "AVIF": 10.0, "HEIC": 5.5, "HEIF": 5.5}
_IN_TILES = 4.5
_PILLOWS = 4.0
_COEFFICIENT = 2  # bytes
_BASE_BYTES = 36 * 10**6  # The process itself.
_COPIES = 2  # of the file
_PRACTICE = 16  # CPython 3.11 and later look at what ran eight times.
# How much larger than the view a picture is left when it is shrunk by whole numbers first.
_GAP = 1.5

# One photo is decoded on one processor: other photos have the others, and threads would each take memory.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


class Picture(Protocol):
    """A photo that has been opened and not decoded: Pillow's, or a HeicPicture."""

    size: tuple[int, int]
    mode: str
    info: dict[Any, Any]

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def has_transparency_data(self) -> bool: ...
    def getexif(self) -> Image.Exif: ...
    def draft(self, mode: str | None, size: tuple[int, int], /) -> object: ...
    def load(self) -> object: ...
    def crop(self, box: tuple[int, int, int, int], /) -> Image.Image: ...


def warm_up() -> None:
    """Load all that decoding needs, for a process whose children decode.

    They begin with what it has learned by practice: else each would load by itself what is loaded on the way, and run
    the interpreter's slower kind of code, which is what it begins with.
    """
    Image.preinit()
    heic.library()
    photo = _for_practice()
    for _ in range(_PRACTICE):
        decode(photo, ZoneInfo("UTC"))


def _for_practice() -> bytes:
    """A photo as phones send them, only low."""
    exif, photo = Image.Exif(), BytesIO()
    exif.get_ifd(IFD.Exif).update({Base.DateTimeOriginal: "2026:05:04 09:30:00", Base.OffsetTimeOriginal: "+08:00"})
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "N", (28.0, 13.0, 41.5)
    place[GPS.GPSLongitudeRef], place[GPS.GPSLongitude] = "E", (112.0, 56.0, 19.7)
    Image.new("RGB", (4000, 30)).save(photo, "JPEG", exif=exif)
    return photo.getvalue()


def decode(data: bytes, zone: ZoneInfo, bounds: Bounds | None = None, at: datetime | None = None) -> Decoded:
    """The photo in `data`, its first frame if it moves.

    `zone` is where its camera's clock is taken to be when the photo does not tell, `at` the present, after which no
    photo was taken. Raises Refused and nothing else. Call it in a process that is held to its bounds: a hostile file
    may cost all the memory and time there is.
    """
    with _refusing():
        picture, media_type = _opened(data, bounds or Bounds())
        metadata = read_metadata(picture, zone, at or datetime.now(UTC))
        width, height = picture.size if metadata.orientation < 5 else picture.size[::-1]
        view = _canvas(picture, metadata.orientation)
        del picture  # What comes now needs the room.
        view = _redacted(view)
        thumb = view.resize(_fit(view.size, THUMB_SIDE), FILTER, reducing_gap=_GAP)
        return Decoded(width, height, media_type, metadata.taken_at, metadata.position, _jpeg(thumb), _jpeg(view))


def _redacted(canvas: Image.Image) -> Image.Image:
    """The seam for what others must not see: it stands upright here, in RGB, and both renditions come of it."""
    return canvas


@contextmanager
def _refusing() -> Iterator[None]:
    """Whatever a decoder raises is a refusal: its exceptions have nearly any type, its warnings are noise."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except Refused:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refused(Reason.TOO_MANY_PIXELS) from error
    except MemoryError as error:
        raise Refused(Reason.TOO_HEAVY) from error
    except Exception as error:
        raise Refused(Reason.BROKEN) from error


def _opened(data: bytes, bounds: Bounds) -> tuple[Picture, str]:
    """The photo, not yet decoded and within bounds, and its media type."""
    if not data:
        raise Refused(Reason.EMPTY)
    name = format_of(data)
    if name is None:
        raise Refused(Reason.NOT_AN_IMAGE)
    media_type = media_type_of(name)
    if media_type is None:
        raise Refused(Reason.UNSUPPORTED_FORMAT)
    Image.MAX_IMAGE_PIXELS = bounds.pixels  # Pillow looks at this while it reads a header, and again at every frame.
    if name == "GIF" and gif_frames(data, bounds.frames) > bounds.frames:
        raise Refused(Reason.TOO_MANY_FRAMES)
    if name == "WEBP":
        _check_size(bounds, webp_size(data), _BYTES_A_PIXEL[name], len(data))  # Opening it takes the memory at once.
    picture: Any = heic.HeicPicture(data) if name in {"HEIC", "HEIF"} else _by_pillow(data, name)
    _check_size(bounds, picture.size, _bytes_a_pixel(picture, name), len(data))
    if name != "GIF" and getattr(picture, "n_frames", 1) > bounds.frames:
        raise Refused(Reason.TOO_MANY_FRAMES)
    return picture, media_type


def _by_pillow(data: bytes, name: str) -> Image.Image:
    return Image.open(BytesIO(sound_png(data) if name == "PNG" else data), formats=[name])


def _check_size(bounds: Bounds, size: tuple[int, int], bytes_a_pixel: float, length: int) -> None:
    """Raises Refused for what is larger than it may be, or than its format lets it be within the memory there is."""
    pixels = size[0] * size[1]
    if max(size) > bounds.side or pixels > bounds.pixels:
        raise Refused(Reason.TOO_MANY_PIXELS)
    if pixels * bytes_a_pixel + length * _COPIES + _BASE_BYTES > bounds.memory_bytes:
        raise Refused(Reason.TOO_LARGE_FOR_FORMAT)


def _bytes_a_pixel(picture: Any, name: str) -> float:
    """What decoding holds for each pixel; of a progressive JPEG, all its coefficients, of another next to nothing."""
    if isinstance(picture, JpegImagePlugin.JpegImageFile):
        if not picture.info.get("progressive"):
            return 0.0
        widest, highest = (max(layer[place] for layer in picture.layer) for place in (1, 2))
        return sum(_COEFFICIENT * layer[1] * layer[2] / (widest * highest) for layer in picture.layer)
    if isinstance(picture, heic.HeicPicture) and picture.is_tiled:
        return _IN_TILES
    return _BYTES_A_PIXEL.get(name, _PILLOWS)


def _fit(size: tuple[int, int], side: int) -> tuple[int, int]:
    """`size` shrunk, never grown, so that its long side is at most `side`."""
    longest = max(*size, side)
    return max(1, size[0] * side // longest), max(1, size[1] * side // longest)


def _canvas(picture: Picture, orientation: int) -> Image.Image:
    """The picture as people see it: upright, opaque, in sRGB, at most VIEW_SIDE long, and nothing else. What stands
    in the original's `info` would be written into every copy."""
    picture.draft(None, _fit(picture.size, VIEW_SIDE))
    picture.load()
    colours = _to_srgb(_shrunk(picture, _fit(picture.size, VIEW_SIDE)), picture.info.get("icc_profile"))
    if orientation in _UPRIGHT:
        colours = colours.transpose(_UPRIGHT[orientation])
    colours.info = {}
    return colours


def _shrunk(picture: Picture, size: tuple[int, int]) -> Image.Image:
    """`picture` at `size`, opaque; in bands where it must be converted first, so that it is never there twice."""
    plain = picture.mode in _PLAIN and not picture.has_transparency_data
    factor = max(1, int(min(picture.width / size[0], picture.height / size[1]) / _GAP))
    if isinstance(picture, Image.Image) and plain:
        if picture.size == size:
            return picture.copy()
        whole = picture.width / factor, picture.height / factor
        if factor == 1:
            return _resized(picture, size, whole)  # Reducing it by one would copy all of it.
        smaller = picture.reduce(factor)
        picture.close()  # What comes now needs the room; Pillow's own `reducing_gap` keeps it.
        return _resized(smaller, size, whole)
    reduced = Image.new("RGB", (-(-picture.width // factor), -(-picture.height // factor)))
    for top in range(0, reduced.height, _BAND):
        band = picture.crop((0, top * factor, picture.width, min(picture.height, (top + _BAND) * factor)))
        reduced.paste(_opaque(band).reduce(factor), (0, top))
    return _resized(reduced, size, reduced.size)


def _resized(image: Image.Image, size: tuple[int, int], whole: tuple[float, float]) -> Image.Image:
    """So much of `image` at `size`, pixel by pixel as Pillow does it at one go: across, then down.

    In between `image` is gone: what comes then takes its room, where the system would have to make other room first.
    """
    across = image.resize((size[0], image.height), FILTER, box=(0, 0, whole[0], image.height))
    image.close()
    return across.resize(size, FILTER, box=(0, 0, size[0], whole[1]))


def _opaque(image: Image.Image) -> Image.Image:
    """`image` in eight bits and over white, as a page would show it."""
    if image.mode.startswith("I"):
        # Sixteen bits: Pillow's own conversion clips all that is brighter than 255 of 65,535.
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    page = Image.new("RGBA", image.size, "white")
    page.alpha_composite(image.convert("RGBA"))
    return page.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """`image` as RGB; through its colour profile when that is sound and fits, as most are not and do not."""
    if profile:
        with suppress(Exception):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            if "sRGB" not in (source.profile.profile_description or ""):
                converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
                return converted or image
    return image if image.mode == "RGB" else image.convert("RGB")


def _jpeg(canvas: Image.Image) -> bytes:
    target = BytesIO()
    canvas.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()
