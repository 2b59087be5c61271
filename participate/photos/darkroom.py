"""The process that decodes photos: it holds no secret and no connection, and forks a child under limits for each.

`python -m participate.photos.darkroom` takes photos on its standard input until that ends; see `developing`.
"""

import gc
import os
import select
import signal
import sys
import time
from datetime import datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from participate.photos import parcel
from participate.photos.decode import decode, warm_up
from participate.photos.limits import Bounds, hold_to
from participate.photos.outcome import Decoded, Reason, Refused

_PIECE = 2**20
_PATIENCE = 6  # A child that needs so many times its processor time, on a busy machine, has come to a stand.


def main() -> None:
    """Decode photo after photo."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # The worker finishes what it is at, and then closes our input.
    warm_up()
    gc.freeze()
    while (request := parcel.opened(sys.stdin.buffer)) is not None:
        answer = _developed(*request)
        try:
            sys.stdout.buffer.write(answer)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            os._exit(0)  # The worker was killed; there is nobody to tell.


def _developed(label: dict[str, Any], data: bytes) -> bytes:
    """What a child makes of `data`; where it dies of it, that."""
    zone, bounds, at = ZoneInfo(label["zone"]), Bounds(**label["bounds"]), datetime.fromisoformat(label["at"])
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _expose(writing, data, zone, bounds, at)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        answer = _within(stream.fileno(), bounds.seconds * _PATIENCE)
    if answer is None:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == -signal.SIGXCPU:
        return parcel.packed(Refused(Reason.TOO_SLOW))
    if status or answer is None or parcel.opened(BytesIO(answer)) is None:
        return parcel.sealed({"died": status})
    return answer


def _expose(writing: int, data: bytes, zone: ZoneInfo, bounds: Bounds, at: datetime) -> None:
    """The child's part; it never returns."""
    try:
        hold_to(bounds)
        answer = parcel.packed(_outcome(data, zone, bounds, at))
        with os.fdopen(writing, "wb") as stream:
            stream.write(answer)
    except BaseException:
        os._exit(1)
    os._exit(0)


def _outcome(data: bytes, zone: ZoneInfo, bounds: Bounds, at: datetime) -> Decoded | Refused:
    try:
        return decode(data, zone, bounds, at)
    except Refused as refusal:
        return refusal


def _within(pipe: int, seconds: float) -> bytes | None:
    """All that comes through `pipe`, if its end comes in time."""
    pieces, end = list[bytes](), time.monotonic() + seconds
    while select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0]:
        piece = os.read(pipe, _PIECE)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
    return None


if __name__ == "__main__":
    main()
