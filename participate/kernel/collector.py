"""The garbage collector, kept away from what is no garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Load inside what stays for as long as the process lives: nobody looks through it for garbage.

    Not meanwhile, which would take a seventh of a process's start, and not ever after: to go through all that a web
    process has loaded halts its threads for some 70 ms.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
