"""What becomes of bytes that claim to be a photo; apart from the decoder, which only the worker needs to load."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why a photo is refused; stable, part of the API."""

    EMPTY = "empty"  # no bytes at all
    NOT_AN_IMAGE = "not_an_image"  # begins like no image
    UNSUPPORTED_FORMAT = "unsupported_format"  # an image or document, of a format that is not taken
    UNSUPPORTED_HERE = "unsupported_here"  # HEIC, where its decoder is not installed
    TOO_MANY_PIXELS = "too_many_pixels"  # more than is taken, or a side that is too long
    TOO_LARGE_FOR_FORMAT = "too_large_for_format"  # more pixels than a photo in this format may have
    TOO_MANY_FRAMES = "too_many_frames"  # an animation with more pictures than are taken
    BROKEN = "broken"  # begins like a photo, but cannot be decoded to its end
    TOO_HEAVY = "too_heavy"  # decoding wants more memory than is granted, or has killed the decoder
    TOO_SLOW = "too_slow"  # decoding wants more processor time than is granted
    DAMAGED = "damaged"  # no longer what was put away, as its hash shows


class Refused(Exception):
    """These bytes do not become a photo; `code` says why."""

    def __init__(self, code: Reason) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Decoded:
    """A photo that was decoded to its last pixel.

    `width` and `height` are those of the original once it stands upright, `media_type` is the original's, `position`
    is latitude and longitude. `thumb` and `view` are JPEG in sRGB, upright, without any metadata, at most 320 and
    1600 pixels long. Fields that are no pictures (bytes) must be such that JSON can hold them: see `parcel`.
    """

    width: int
    height: int
    media_type: str
    taken_at: datetime | None
    position: tuple[float, float] | None
    thumb: bytes
    view: bytes
