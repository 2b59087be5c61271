"""Numbered places in a folder, each held by one process at a time and free again when that ends, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

MOST = 512


def free(folder: Path) -> Iterator[tuple[int, IO[str]]]:
    """Slots that nobody holds, each with the file whose lock holds it for as long as it is open."""
    for slot in range(MOST):
        file = (folder / f"{slot}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
        else:
            yield slot, file


def clear(folder: Path) -> None:
    """Remove what is kept in the slots, unless somebody holds one.

    For counts: a sum that falls in part, as when some of its slots are emptied, looks like a leap to Prometheus.
    """
    held: list[IO[str]] = []
    with suppress(OSError):
        for path in folder.glob("*.lock"):
            held.append(path.open("w"))
            fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in folder.glob("*.db"):
            path.unlink()
    for file in held:
        file.close()
