"""Place and time as XMP writes them, for photos whose EXIF was stripped or never written."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_KEYS = ("xmp", "XML:com.adobe.xmp")  # Where Pillow puts it, by format.
_LONGEST = 2**18  # bytes; what is told stands in the first packet.
# XMP specification, part 2, §3.3 (exif) and part 1, §8.2.1.4 (dates).
_ANGLE = r"(\d{1,3}),(\d{1,2}(?:\.\d{1,10})?)(?:,(\d{1,2}(?:\.\d{1,10})?))?"
_VALUE = r"\s*=\s*[\"']([^\"'<>]{1,40})[\"']|>\s*([^<>]{1,40})<"


@dataclass(frozen=True)
class Told:
    """What XMP tells: `taken_at` may lack its zone, `position` is latitude and longitude in degrees."""

    taken_at: datetime | None = None
    position: tuple[float, float] | None = None


def read(info: dict[Any, Any]) -> Told:
    """What the XMP among a picture's `info` tells; nothing is raised. It is not parsed: a pattern cannot be made to
    follow entities."""
    packet = next((info[key] for key in _KEYS if info.get(key)), "")
    text = packet[:_LONGEST].decode("utf-8", "replace") if isinstance(packet, bytes) else str(packet)[:_LONGEST]
    latitude = _degrees(_property(text, "exif:GPSLatitude"), "NS", 90)
    longitude = _degrees(_property(text, "exif:GPSLongitude"), "EW", 180)
    position = None if latitude is None or longitude is None else (latitude, longitude)
    return Told(_moment(_property(text, "exif:DateTimeOriginal")), position)


def _property(text: str, name: str) -> str:
    """A simple property's value, which stands in an attribute or an element."""
    found = re.search(rf"\b{name}(?:{_VALUE})", text)
    return (found[1] or found[2] or "").strip() if found else ""


def _degrees(text: str, hemispheres: str, most: int) -> float | None:
    """`28,13.692N` or `28,13,41.52N`, to six decimals; None for anything else."""
    found = re.fullmatch(f"{_ANGLE}([{hemispheres}])", text)
    if not found:
        return None
    degrees, minutes, seconds = (float(part or 0) for part in found.groups()[:3])
    value = degrees + minutes / 60 + seconds / 3600
    if minutes > 60 or seconds > 60 or value > most:
        return None
    return round(value if found[4] == hemispheres[0] else -value, 6)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if len(text) > len("2026-05-04") else None
    except ValueError:
        return None
