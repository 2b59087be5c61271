"""Covers boxes in a picture for good: what was there cannot be worked out from what is left."""

from collections.abc import Iterable
from io import BytesIO

from PIL import Image, ImageFilter

from participate.photos.redaction.boxes import Box

MARGIN = 0.15  # Of the box's size on each side: ears, hair and a plate's frame tell, too.
BLOCKS = 4  # Along the longer side: a face keeps its shade, and no feature.
QUALITY = 80
THUMB_SIDE = 320


def cover(picture: Image.Image, boxes: Iterable[Box]) -> Image.Image:
    """`picture` with the boxes' content averaged into a few blocks, which are then blurred into each other."""
    covered = picture.copy()
    for box in boxes:
        edges = _edges(box, picture.size)
        part = covered.crop(edges)
        longest = max(part.size)
        few = (max(part.width * BLOCKS // longest, 1), max(part.height * BLOCKS // longest, 1))
        blocks = part.resize(few, Image.Resampling.BOX).resize(part.size, Image.Resampling.NEAREST)
        covered.paste(blocks.filter(ImageFilter.GaussianBlur(longest / BLOCKS / 3)), edges[:2])
    return covered


def _edges(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in pixels, with a margin, within the picture; at least one pixel."""
    width, height = size
    left = max(int((box.x - box.w * MARGIN) * width), 0)
    top = max(int((box.y - box.h * MARGIN) * height), 0)
    right = min(int((box.x + box.w * (1 + MARGIN)) * width) + 1, width)
    bottom = min(int((box.y + box.h * (1 + MARGIN)) * height) + 1, height)
    return min(left, width - 1), min(top, height - 1), max(right, left + 1), max(bottom, top + 1)


def opened(view: bytes) -> Image.Image:
    """The picture in a rendition of our own."""
    return Image.open(BytesIO(view), formats=["JPEG"]).convert("RGB")


def renditions(view: Image.Image) -> dict[str, bytes]:
    """The view and its thumb as files, with no metadata."""
    thumb = view.copy()
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.BICUBIC)
    return {"thumb": _jpeg(thumb), "view": _jpeg(view)}


def _jpeg(picture: Image.Image) -> bytes:
    picture.info.clear()
    target = BytesIO()
    picture.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()
