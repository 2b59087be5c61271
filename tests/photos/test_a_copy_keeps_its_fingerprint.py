"""A photo that was shrunk, compressed again or passed on has nearly the same fingerprint; other photos have others."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from participate.photos import fingerprints
from participate.photos.alike import distance
from participate.photos.alike_models import NEAR
from participate.photos.sample import draw_sample
from tests.pictures import saved, scene


def thumb(picture: Image.Image) -> Image.Image:
    """As `decode` makes it, in small."""
    small = picture.copy()
    small.thumbnail((320, 320))
    return small


def drawn(seed: int) -> Image.Image:
    return Image.open(BytesIO(scene(seed)))


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half as large": lambda picture: picture.resize((picture.width // 2, picture.height // 2)),
    "1080 wide, as messengers send it": lambda picture: picture.resize((1080, 1080 * picture.height // picture.width)),
    "compressed hard": lambda picture: Image.open(BytesIO(saved(picture, 25))),
    "twice": lambda picture: Image.open(BytesIO(saved(Image.open(BytesIO(saved(picture, 50))).resize((300, 225)), 40))),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.15),
    "grey": lambda picture: picture.convert("L"),
}


def _seen(picture: Image.Image) -> int:
    found = fingerprints.of(saved(thumb(picture)))
    assert found is not None
    return found


@pytest.mark.parametrize("copied", COPIES)
def test_a_copy_is_alike(copied: str) -> None:
    originals: list[Image.Image] = [drawn(seed) for seed in range(20)]
    originals.append(Image.open(BytesIO(draw_sample(28.2, 112.9, datetime.now(UTC)))))
    apart = [distance(_seen(picture), _seen(COPIES[copied](picture))) for picture in originals]
    assert max(apart) <= NEAR


def test_other_photos_are_not() -> None:
    assert min(distance(*pair) for pair in combinations([_seen(drawn(seed)) for seed in range(60)], 2)) > NEAR


@pytest.mark.parametrize("colour", ["black", "white", "#7f8c99"])
def test_what_shows_nothing_has_none(colour: str) -> None:
    plain = Image.new("RGB", (320, 240), colour)
    grainy = Image.blend(plain, Image.effect_noise((320, 240), 20).convert("RGB"), 0.1)
    assert fingerprints.of(saved(plain)) is None
    assert fingerprints.of(saved(grainy, 30)) is None


def _real() -> Iterator[Path]:
    corpora = os.environ.get("PARTICIPATE_CORPORA")
    if corpora:
        yield from sorted(path for path in Path(corpora).rglob("*.jp*g") if path.stat().st_size > 20_000)


@pytest.mark.skipif(not os.environ.get("PARTICIPATE_CORPORA"), reason="no real photos beside the repository")
def test_copies_of_real_photos_are_alike() -> None:
    looked_at = 0
    for path in _real():
        try:
            picture = Image.open(path).convert("RGB")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            continue
        if fingerprints.of(saved(thumb(picture))) is not None:
            looked_at += 1
            for name, copy in COPIES.items():
                assert distance(_seen(picture), _seen(copy(picture))) <= NEAR, (path.name, name)
    assert looked_at
