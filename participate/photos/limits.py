"""Bounds what one photo may cost, and holds the process that decodes it to them."""

import resource
import signal
from dataclasses import dataclass
from pathlib import Path

_STATM = Path("/proc/self/statm")
_RESIDENT, _DATA = 1, 5  # Fields of proc_pid_statm(5), in pages.


@dataclass(frozen=True)
class Bounds:
    """What a photo may be and cost: all of it settings of the deployment.

    `memory_bytes` is what the process that decodes it may hold in all, `seconds` how much processor time it may
    take, `side` the longest side: libjpeg takes no longer one, and a strip of single pixels costs more in row
    pointers than in pixels.
    """

    pixels: int = 50_000_000
    side: int = 65_500
    frames: int = 1000
    memory_bytes: int = 300 * 10**6
    seconds: int = 5


def hold_to(bounds: Bounds) -> None:
    """Let this process hold `bounds.memory_bytes` in all and take `bounds.seconds` of processor time from its start.

    For a forked child, before it decodes: the limits cannot be lifted again. Beyond the memory, allocating fails.
    Beyond the time the system ends the process with SIGXCPU, also in the midst of a decoder that does not come back
    to Python. Where the system counts no pages (other than Linux), the memory is not bounded.
    """
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    # At the hard limit it would be SIGKILL, which does not say why.
    _lower(resource.RLIMIT_CPU, bounds.seconds, bounds.seconds + 1)
    # A core would leave the resident's photo on the disk.
    _lower(resource.RLIMIT_CORE, 0, 0)
    if _STATM.exists():
        held = [int(pages) * resource.getpagesize() for pages in _STATM.read_text().split()]
        most = held[_DATA] + max(0, bounds.memory_bytes - held[_RESIDENT])
        _lower(resource.RLIMIT_DATA, most, most)


def _lower(kind: int, soft: int, hard: int) -> None:
    """Only root may raise a hard limit, so one that is lower already stays."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))
