"""Turns bytes that claim to be a photo into two clean pictures and what the photo tells, or refuses them."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from zoneinfo import ZoneInfo

from PIL import Image, ImageCms

from participate.photos.formats import MEDIA_TYPES, format_of, sound_png
from participate.photos.metadata import read_metadata
from participate.photos.outcome import Decoded, Reason, Refused

MAX_PIXELS = 50_000_000
# The longest side libjpeg takes; a strip of single pixels costs more in row pointers than in pixels.
MAX_SIDE = 65_500
VIEW_SIDE, THUMB_SIDE = 1600, 320
# JPEG is shown by every phone, browser and office program, and is encoded in a seventh of WebP's time.
QUALITY = 80

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
_BAND = 128  # rows

# Pillow looks at this while it reads a header, and again at every frame.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def decode(data: bytes, zone: ZoneInfo) -> Decoded:
    """The photo in `data`, its first frame if it moves.

    `zone` is where its camera's clock is taken to be when the photo does not tell. Raises Refused and
    nothing else. Call it where `limits` hold: a hostile file may cost all the memory and time there is.
    """
    with _refusing():
        image, media_type = _opened(data)
        metadata = read_metadata(image, zone)
        width, height = image.size if metadata.orientation < 5 else image.size[::-1]
        view = _canvas(image, metadata.orientation)
        thumb = view.resize(_fit(view.size, THUMB_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
        return Decoded(width, height, media_type, metadata.taken_at, metadata.position, _jpeg(thumb), _jpeg(view))


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


def _opened(data: bytes) -> tuple[Image.Image, str]:
    """The image, not yet decoded, and its media type."""
    if not data:
        raise Refused(Reason.EMPTY)
    name = format_of(data)
    if name is None:
        raise Refused(Reason.NOT_AN_IMAGE)
    if name not in MEDIA_TYPES:
        raise Refused(Reason.UNSUPPORTED_FORMAT)
    image = Image.open(BytesIO(sound_png(data) if name == "PNG" else data), formats=[name])
    if max(image.size) > MAX_SIDE:
        raise Refused(Reason.TOO_MANY_PIXELS)
    return image, MEDIA_TYPES[name]


def _fit(size: tuple[int, int], side: int) -> tuple[int, int]:
    """`size` shrunk, never grown, so that its long side is at most `side`."""
    longest = max(*size, side)
    return max(1, size[0] * side // longest), max(1, size[1] * side // longest)


def _canvas(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as people see it (upright, opaque, in sRGB), at most VIEW_SIDE long, on a canvas that holds
    nothing else: what stands in the original's `info` would be written into every copy."""
    size = _fit(image.size, VIEW_SIDE)
    image.draft(None, size)
    image.load()
    profile = image.info.get("icc_profile")
    colours = _to_srgb(_shrunk(image, size), profile)
    if orientation in _UPRIGHT:
        colours = colours.transpose(_UPRIGHT[orientation])
    canvas = Image.new("RGB", colours.size)
    canvas.paste(colours)
    return canvas


def _shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`image` at `size`, opaque; in bands where it must be converted first, so that it is never there twice."""
    if image.mode in _PLAIN and not image.has_transparency_data:
        return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    factor = max(1, min(image.width // size[0], image.height // size[1]) // 2)
    reduced = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    for top in range(0, reduced.height, _BAND):
        band = image.crop((0, top * factor, image.width, min(image.height, (top + _BAND) * factor)))
        reduced.paste(_opaque(band).reduce(factor), (0, top))
    return reduced.resize(size, Image.Resampling.BICUBIC)


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
    return image.convert("RGB")


def _jpeg(canvas: Image.Image) -> bytes:
    target = BytesIO()
    canvas.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()
