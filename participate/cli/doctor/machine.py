"""What the doctor looks at on the machine itself."""

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from participate.cli.doctor.finding import Finding, fail, ok, warn
from participate.config import Settings

_TOLD = ("flask", "sqlalchemy", "rq", "redis", "granian", "pillow")
_LEAST_BYTES, _FEW_BYTES, _FEW_SHARE, _FEW_FILES = 256 * 2**20, 2 * 2**30, 0.1, 1000
_OLDEST_PYTHON = (3, 11)


def versions(_settings: Settings) -> Iterator[Finding]:
    """The versions at work, to be named in any report of a fault."""
    told = ", ".join(f"{name} {version(name)}" for name in ("participate", *_TOLD))
    running = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST_PYTHON:
        yield fail("versions", f"Python {running}", "Install Python 3.11 or newer.")
    else:
        yield ok("versions", f"Python {running}, {told}")


def media_folder(settings: Settings) -> Path | None:
    """The folder of the photos; None where they are in a bucket."""
    url = urlsplit(settings.media_url)
    if url.scheme == "s3":
        return None
    return Path(unquote(url.path) if url.scheme else settings.media_url).absolute()


def disk(settings: Settings) -> Iterator[Finding]:
    """Room under the data and under the photos."""
    folders = {"data": settings.data_dir, "photos": media_folder(settings)}
    for name, folder in folders.items():
        if folder is not None:
            yield _room(name, folder)


def _room(name: str, folder: Path) -> Finding:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    usage, counted = shutil.disk_usage(there), os.statvfs(there)
    # A file system that knows no number of files says that it has none.
    return judged_room(name, folder, usage.free, usage.total, counted.f_favail if counted.f_files else _FEW_FILES)


def judged_room(name: str, folder: Path, free: int, total: int, files: int) -> Finding:
    """Bytes that are free and that there are in all, and how many files more may be made."""
    said = f"{free / 2**30:.1f} GiB free of {total / 2**30:.0f} under {folder} ({name})"
    remedy = "Make room or move it to a larger disk: docs/operations.md, “The disk is full”."
    if free < _LEAST_BYTES or files < _FEW_FILES:
        return fail("disk", said, remedy)
    return warn("disk", said, remedy) if free < min(_FEW_BYTES, _FEW_SHARE * total) else ok("disk", said)


def time_zone(settings: Settings) -> Iterator[Finding]:
    """What o'clock it is where time limits are counted."""
    there = datetime.now(settings.timezone)
    said = f"{settings.timezone.key}: it is {there:%Y-%m-%d %H:%M} there"
    if there.utcoffset() == datetime.now(_china()).utcoffset():
        yield ok("time_zone", said)
    else:
        yield warn("time_zone", said, "Time limits follow this zone. Is the city there? Else set PARTICIPATE_TIMEZONE.")


def _china() -> ZoneInfo:
    return ZoneInfo("Asia/Shanghai")
