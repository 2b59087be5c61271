"""Processes that start together: all load their code at once, and wait here while the database is made ready."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = "preparing.lock"


@contextmanager
def closed(data_dir: Path) -> Iterator[None]:
    """Keep those who start meanwhile waiting in `pass_through`; should this process die, they wait no longer."""
    with (data_dir / _NAME).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def pass_through(data_dir: Path) -> None:
    """Return once nobody prepares the data any more: at once, unless `participate up` is just starting."""
    with suppress(FileNotFoundError), (data_dir / _NAME).open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
