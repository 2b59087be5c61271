"""A photo of the largest size passes within the limits; what is made to break through them is stopped."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

LARGEST = (8165, 6123)  # 49,994,295 pixels
DECODER = """
import sys
from zoneinfo import ZoneInfo
from participate.photos.decode import Refused, decode
from participate.photos.limits import limits
path, memory, seconds, times = sys.argv[1], *map(int, sys.argv[2:])
data = open(path, "rb").read()
limits(memory * 2**20, seconds)
try:
    for _ in range(times):
        photo = decode(data, ZoneInfo("UTC"))
    print(photo.width, photo.height)
except Refused as refused:
    print(refused.code)
"""


def decoded(path: Path, memory: int, seconds: int, times: int = 1) -> tuple[int, str]:
    """How a process that may take `memory` MiB and `seconds` ended, and what it said."""
    command = [sys.executable, "-c", DECODER, path, str(memory), str(seconds), str(times)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return ended.returncode, ended.stdout.strip()


@pytest.fixture(scope="module")
def largest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("largest")
    picture = Image.new("RGB", LARGEST, "teal")
    picture.save(folder / "jpeg", "JPEG")
    picture.save(folder / "png", "PNG", compress_level=1)
    return folder


@pytest.mark.parametrize("form", ["jpeg", "png"])
def test_the_largest_photo_passes(largest: Path, form: str) -> None:
    assert decoded(largest / form, memory=320, seconds=5) == (0, "8165 6123")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux counts data pages")
def test_more_memory_than_granted_is_refused(largest: Path) -> None:
    assert decoded(largest / "png", memory=100, seconds=5) == (0, "too_heavy")


def test_more_time_than_granted_is_refused(largest: Path) -> None:
    assert decoded(largest / "jpeg", memory=320, seconds=1, times=1000) == (0, "too_slow")


def test_a_decoder_that_does_not_come_back_is_killed() -> None:
    """As a JPEG of thousands of scans would keep it: one call into C, in which no handler can run."""
    endless = "from participate.photos.limits import limits; limits(2**28, 1); sum(range(10**15))"
    assert subprocess.run([sys.executable, "-c", endless], timeout=30).returncode == -signal.SIGKILL
