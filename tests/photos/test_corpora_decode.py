"""Real files, some of them broken on purpose, are decoded or refused; see conftest for where they are."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import exifread
import pytest

from participate.photos.decode import decode
from participate.photos.outcome import Decoded, Reason, Refused

FILES = sorted(path for path in Path(os.environ["PARTICIPATE_CORPORA"]).rglob("*") if path.is_file())
PNG_SUITE = [path for path in FILES if path.suffix == ".png" and "pngsuite" in path.parts]
PHONE = [path for path in FILES if path.suffix.lower() in {".jpg", ".jpeg", ".heic", ".heif"}]
# What the collection says of itself, and what its photos in HEIC hold besides.
GPS = ("jpg/gps/*", "jpg/Kodak_CX7530.jpg", "jpg/tests/67-0_length_string.jpg", "jpg/tests/87_OSError.jpg")
GPS += ("heic/IMG_5195.HEIC", "heic/mobile/*.heif")
LOCATED = [path for path in FILES if any(path.match(f"exif-samples/{name}") for name in GPS)]
CHANGSHA = ZoneInfo("Asia/Shanghai")


def outcome(path: Path) -> Decoded | Reason:
    try:
        return decode(path.read_bytes(), CHANGSHA)
    except Refused as refused:
        return refused.code


def name_of(path: Path) -> str:
    return path.name


def read_by_others(path: Path) -> dict[str, object]:
    """Every tag that another reader finds."""
    with path.open("rb") as file:
        try:
            return dict(exifread.process_file(file, details=False))
        except Exception:
            return {}


def place_by_others(tags: dict[str, object]) -> tuple[float, float] | None:
    """Latitude and longitude as another reader has them."""
    found = []
    for name, signs in (("Latitude", "NS"), ("Longitude", "EW")):
        parts, hemisphere = tags.get(f"GPS GPS{name}"), str(tags.get(f"GPS GPS{name}Ref", ""))[:1].upper()
        if parts is None or hemisphere not in set(signs):
            return None
        degrees, minutes, seconds = (float(part) for part in parts.values)  # type: ignore[attr-defined]
        found.append((degrees + minutes / 60 + seconds / 3600) * (1 if hemisphere == signs[0] else -1))
    return found[0], found[1]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_is_decoded_or_refused(path: Path) -> None:
    assert isinstance(outcome(path), Decoded | Reason)


@pytest.mark.parametrize("path", PNG_SUITE, ids=name_of)
def test_a_png_is_refused_when_its_name_says_that_it_is_broken(path: Path) -> None:
    assert isinstance(outcome(path), Reason if path.name.startswith("x") else Decoded)


@pytest.mark.parametrize("path", PHONE, ids=name_of)
def test_every_photo_that_a_phone_or_camera_took_is_decoded(path: Path) -> None:
    assert isinstance(outcome(path), Decoded)


@pytest.mark.parametrize("path", LOCATED, ids=name_of)
def test_a_photo_that_is_known_to_carry_a_place_tells_it(path: Path) -> None:
    photo = outcome(path)
    assert isinstance(photo, Decoded)
    assert photo.position


@pytest.mark.parametrize("path", PHONE, ids=name_of)
def test_the_place_is_the_one_that_another_reader_finds(path: Path) -> None:
    photo, place = outcome(path), place_by_others(read_by_others(path))
    assert isinstance(photo, Decoded)
    if place:
        assert photo.position == pytest.approx(place, abs=1e-6)
    elif photo.position:
        assert b"exif:GPSLatitude" in path.read_bytes()


@pytest.mark.parametrize("path", PHONE, ids=name_of)
def test_the_time_is_the_one_that_another_reader_finds_in_some_zone(path: Path) -> None:
    photo, said = outcome(path), str(read_by_others(path).get("EXIF DateTimeOriginal", ""))
    assert isinstance(photo, Decoded)
    try:
        clock = datetime.strptime(said, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return
    if photo.taken_at is None:
        assert not 1990 <= clock.year <= datetime.now(UTC).year or clock > datetime.now(UTC) - timedelta(hours=24)
    else:
        shown = photo.taken_at.replace(tzinfo=UTC)
        assert shown == clock or abs(shown - clock) >= timedelta(days=1) / 2, "its own clock, or one that was never set"
