"""A photo of the largest size passes within the limits; what is made to break through them is stopped."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import pytest
from PIL import Image

from participate.photos import developing
from participate.photos.developing import Darkroom
from participate.photos.limits import Bounds
from participate.photos.outcome import Decoded, Reason, Refused

LARGEST = (8165, 6123)  # 49,994,295 pixels
MEMORY = 300 * 10**6
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux counts data pages")
DECODER = """
import re, sys
from zoneinfo import ZoneInfo
from participate.photos.decode import decode, warm_up
from participate.photos.limits import Bounds, hold_to
from participate.photos.outcome import Refused
warm_up()
hold_to(Bounds(memory_bytes=int(sys.argv[2])))
try:
    photo = decode(open(sys.argv[1], "rb").read(), ZoneInfo("UTC"))
    peak = re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())
    print(photo.width, photo.height, int(peak[1]) * 1024)
except Refused as refused:
    print(refused.code)
"""

WORKER = """
import datetime, time, zoneinfo
import psutil
from participate.photos import developing, limits, outcome
try:
    developing.develop(b"", zoneinfo.ZoneInfo("UTC"), limits.Bounds(), datetime.datetime.now())
except outcome.Refused:
    print(psutil.Process().children()[0].pid, flush=True)
time.sleep(60)
"""


def decoded(path: Path, memory: int = MEMORY) -> list[str]:
    """What a process said that may hold `memory` bytes: width, height and its peak; or why it refused."""
    command = [sys.executable, "-c", DECODER, str(path), str(memory)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split()


def drawn(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """A picture that is neither flat nor noise."""
    return Image.effect_mandelbrot((400, 300), (-2, -1.5, 1, 1.5), 50).resize(size).convert(mode)


LARGE = {
    "jpeg": (LARGEST, "RGB", "JPEG", {}),
    "progressive": (LARGEST, "RGB", "JPEG", {"progressive": True}),
    "cmyk": (LARGEST, "CMYK", "JPEG", {}),
    "png": (LARGEST, "RGB", "PNG", {"compress_level": 1}),
    "transparent": (LARGEST, "RGBA", "PNG", {"compress_level": 1}),
    "sixteen": (LARGEST, "I;16", "PNG", {"compress_level": 1}),
    "gif": (LARGEST, "P", "GIF", {}),
    "webp": ((4400, 3300), "RGBA", "WEBP", {"method": 0}),
    "avif": ((5800, 4350), "RGB", "AVIF", {"speed": 10}),
}


@LINUX
@pytest.mark.parametrize("name", LARGE)
def test_the_largest_photo_passes(name: str, tmp_path: Path) -> None:
    size, mode, form, options = LARGE[name]
    drawn(size, mode).save(tmp_path / name, form, **options)
    width, height, peak = map(int, decoded(tmp_path / name))
    assert (width, height) == size
    assert peak <= MEMORY


@LINUX
def test_the_largest_photo_of_an_iphone_passes(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.from_pillow(drawn((8064, 6048))).save(
        tmp_path / "heic", quality=30, tile_size=512, enc_params={"preset": "ultrafast"}
    )
    width, height, peak = map(int, decoded(tmp_path / "heic"))
    assert (width, height) == (8064, 6048)
    assert peak <= MEMORY


@pytest.mark.parametrize(
    ("mode", "form", "options"),
    [
        ("RGB", "WEBP", {"method": 0}),
        ("RGB", "AVIF", {"speed": 10}),
        ("RGB", "JPEG", {"progressive": True, "subsampling": 0}),
    ],
)
def test_what_its_format_makes_too_large_is_refused_before_it_costs_anything(
    mode: str, form: str, options: dict[str, object], tmp_path: Path
) -> None:
    drawn(LARGEST, mode).save(tmp_path / "large", form, **options)
    assert decoded(tmp_path / "large") == ["too_large_for_format"]


@LINUX
def test_more_memory_than_granted_is_refused(tmp_path: Path) -> None:
    drawn(LARGEST).save(tmp_path / "png", "PNG", compress_level=1)
    assert decoded(tmp_path / "png", memory=150 * 10**6) == ["too_heavy"]


@pytest.fixture
def darkroom() -> Iterator[Darkroom]:
    room = Darkroom()
    yield room
    room.close()


def small(**options: object) -> bytes:
    target = BytesIO()
    drawn((640, 480)).save(target, "JPEG", **options)
    return target.getvalue()


def fate(room: Darkroom, data: bytes, bounds: Bounds | None = None) -> Decoded | Reason:
    try:
        return room.develop(data, ZoneInfo("Asia/Shanghai"), bounds or Bounds(), datetime.now(UTC))
    except Refused as refused:
        return refused.code


def of_many_scans(times: int) -> bytes:
    """A progressive JPEG that says the same again and again, each time over all its pixels."""
    target = BytesIO()
    Image.new("L", (6000, 4000), 99).save(target, "JPEG", progressive=True)
    whole = target.getvalue()
    first = whole.index(b"\xff\xda")
    second = whole.index(b"\xff\xc4", first)
    return whole[:second] + whole[first:second] * times + whole[second:]


def test_more_time_than_granted_is_refused_also_where_a_decoder_does_not_come_back(darkroom: Darkroom) -> None:
    assert fate(darkroom, of_many_scans(300), Bounds(seconds=1)) is Reason.TOO_SLOW
    assert isinstance(fate(darkroom, small()), Decoded)


def test_what_comes_out_is_what_the_decoder_found(darkroom: Darkroom) -> None:
    photo = fate(darkroom, small())
    assert isinstance(photo, Decoded)
    assert (photo.width, photo.height, photo.media_type) == (640, 480, "image/jpeg")
    with Image.open(BytesIO(photo.view)) as view, Image.open(BytesIO(photo.thumb)) as thumb:
        assert (view.size, thumb.size) == ((640, 480), (320, 240))
    assert fate(darkroom, b"no photo") is Reason.NOT_AN_IMAGE


def test_a_photo_that_kills_its_decoder_twice_is_set_aside(darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1] / "faults/patches"))
    monkeypatch.setenv("FAULT_PATCHES", "poison")
    assert fate(darkroom, small() + b"POISON") is Reason.TOO_HEAVY
    assert isinstance(fate(darkroom, small()), Decoded)


def rooms() -> set[psutil.Process]:
    return {child for child in psutil.Process().children() if "participate.photos.darkroom" in child.cmdline()}


def test_a_darkroom_that_was_killed_is_opened_again(darkroom: Darkroom) -> None:
    before = rooms()
    fate(darkroom, small())
    (room,) = rooms() - before
    for _ in range(developing.DEATHS + 1):
        room.kill()
        assert isinstance(fate(darkroom, small()), Decoded)
        (room,) = rooms() - before - {room}


@LINUX
def test_the_darkroom_knows_no_secret(darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ("SECRET_KEY", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "PARTICIPATE_METRICS_TOKEN")
    for name in secrets:
        monkeypatch.setenv(name, "hunter2")
    before = rooms()
    fate(darkroom, small())
    (room,) = rooms() - before
    assert "hunter2" in os.environ["SECRET_KEY"]
    assert "hunter2" not in str(room.environ())
    assert not [opened for opened in Path(f"/proc/{room.pid}/fd").iterdir() if "socket" in os.path.realpath(opened)]


def test_a_darkroom_ends_with_its_worker() -> None:
    worker = subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    room = psutil.Process(int(worker.stdout.readline()))
    worker.kill()
    worker.communicate()
    psutil.wait_procs([room], timeout=30)
    assert not room.is_running()
