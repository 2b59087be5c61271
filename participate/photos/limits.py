"""Bounds what a process may spend on decoding one photo, which may have been made to spend it all."""

import resource
import signal
from pathlib import Path
from types import FrameType

from participate.photos.outcome import Reason, Refused

_STATM = Path("/proc/self/statm")
_DATA_PAGES = 5  # The field of proc_pid_statm(5) that counts data and stack.
_GRACE = 1  # seconds of processor time


def limits(memory_bytes: int, cpu_seconds: int) -> None:
    """Let this process take `memory_bytes` and `cpu_seconds` of processor time more than it has until now.

    For a forked child, before it decodes: the limits cannot be lifted again. Beyond the memory `decode` raises
    Refused with `too_heavy` (or `broken`, where a decoder does not say why it stopped). Beyond the time it raises
    Refused with `too_slow`; a decoder that does not come back to Python is killed a second later. Where the
    system counts no data pages (other than Linux), the memory is not bounded.

    Measured with Pillow 13: 320 MiB and 5 s let any PNG, GIF and RGB JPEG of 50 megapixels pass, AVIF to 30
    and WebP to 20 (their decoders hold the picture several times); 800 MiB let all of them pass.
    """
    signal.signal(signal.SIGXCPU, _too_slow)
    spent = resource.getrusage(resource.RUSAGE_SELF)
    seconds = round(spent.ru_utime + spent.ru_stime) + cpu_seconds
    _lower(resource.RLIMIT_CPU, seconds, seconds + _GRACE)
    # A core would leave the resident's photo on the disk.
    _lower(resource.RLIMIT_CORE, 0, 0)
    if _STATM.exists():
        held = int(_STATM.read_text().split()[_DATA_PAGES]) * resource.getpagesize()
        _lower(resource.RLIMIT_DATA, held + memory_bytes, held + memory_bytes)


def _lower(kind: int, soft: int, hard: int) -> None:
    """Only root may raise a hard limit, so one that is lower already stays."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


def _too_slow(_signal: int, _frame: FrameType | None) -> None:
    raise Refused(Reason.TOO_SLOW)
