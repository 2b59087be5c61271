"""Real files, some of them broken on purpose, are decoded or refused; see conftest for where they are."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from participate.photos.decode import Decoded, Reason, Refused, decode

FILES = sorted(path for path in Path(os.environ["PARTICIPATE_CORPORA"]).rglob("*") if path.is_file())
PNG_SUITE = [path for path in FILES if path.suffix == ".png" and "pngsuite" in path.parts]
# What the collection says of itself.
GPS = ("jpg/gps/*", "jpg/Kodak_CX7530.jpg", "jpg/tests/67-0_length_string.jpg", "jpg/tests/87_OSError.jpg")
LOCATED = [path for path in FILES if any(path.match(f"exif-samples/{name}") for name in GPS)]


def outcome(path: Path) -> Decoded | Reason:
    try:
        return decode(path.read_bytes(), ZoneInfo("Asia/Shanghai"))
    except Refused as refused:
        return refused.code


def name_of(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_is_decoded_or_refused(path: Path) -> None:
    assert isinstance(outcome(path), Decoded | Reason)


@pytest.mark.parametrize("path", PNG_SUITE, ids=name_of)
def test_a_png_is_refused_when_its_name_says_that_it_is_broken(path: Path) -> None:
    assert isinstance(outcome(path), Reason if path.name.startswith("x") else Decoded)


@pytest.mark.parametrize("path", LOCATED, ids=name_of)
def test_a_photo_that_is_known_to_carry_a_place_tells_it(path: Path) -> None:
    photo = outcome(path)
    assert isinstance(photo, Decoded)
    assert photo.position
