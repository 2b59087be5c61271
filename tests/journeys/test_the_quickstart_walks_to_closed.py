"""The README's few lines of curl lead one photo's submission through every step to its end."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from participate.config import from_environment
from participate.photos.decode import decode
from participate.photos.outcome import Decoded
from tests.live import Live, laid

SCRIPT = Path(__file__).parents[2] / "docs" / "quickstart.sh"
README = Path(__file__).parents[2] / "README.md"
REFERENCE = re.compile(r"\b[2-9A-Z]{3}(-[2-9A-Z]{3}){2}\b")
# What the README says that the resident hears, whatever the reference is.
STEPS = re.findall(r"^```\n(submit .+?)```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)[0].splitlines()
CORPORA = os.environ.get("PARTICIPATE_CORPORA")
PHOTOS = sorted(Path(CORPORA, "exif-samples/jpg/gps").resolve().glob("*.jpg")) if CORPORA else []
pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="the quickstart calls curl")


def _walk(service: Live, *photo: Path) -> list[str]:
    """Run the quickstart; returns the lines that the resident has heard at its end."""
    done = subprocess.run(
        [str(SCRIPT), *map(str, photo)],
        env=service.environment | {"BASE": service.base, "BIN": str(Path(sys.executable).parent)},
        cwd=service.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    heard = done.stdout.partition("== 7.")[2].splitlines()[1:]
    return [line for line in heard if line.strip()]


def _alike(lines: list[str]) -> list[str]:
    return [REFERENCE.sub("…", line) for line in lines]


def test_the_sample_photo_walks_to_closed_as_the_readme_says(service: Live) -> None:
    assert _alike(_walk(service)) == _alike(STEPS)


def _decoded(photo: Path) -> Decoded:
    return decode(photo.read_bytes(), from_environment({"SECRET_KEY": "x" * 32}).timezone)


@pytest.fixture(scope="module")
def service_around_the_photos(pair: str) -> Iterator[Live]:
    """A service whose demo district lies around the first photo; the others were taken within a walk of it."""
    position = _decoded(PHOTOS[0]).position
    assert position is not None
    with laid(pair) as service:
        service.start("--around", f"{position[0]},{position[1]}")
        yield service
        assert service.stop() == 0, service.said()


@pytest.mark.skipif(not PHOTOS, reason="PARTICIPATE_CORPORA names no folder with photos that carry GPS")
@pytest.mark.parametrize("photo", PHOTOS, ids=lambda photo: photo.name)
def test_a_real_photo_walks_to_closed(service_around_the_photos: Live, photo: Path) -> None:
    assert _alike(_walk(service_around_the_photos, photo)) == _alike(STEPS)
