"""Times two sides that do the same work, turn by turn, so that a busy machine slows both alike."""

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

ROUNDS, LEAST_ROUNDS = 41, 9
LONGEST_SECONDS = 6  # On a slow or busy machine a line gets fewer rounds, down to the least.
WARM_UP_ROUNDS = 2

# Makes so many calls ready and hands back what makes them; only the latter is timed.
Side = Callable[[int], Callable[[], None]]


@dataclass(frozen=True)
class Measured:
    """Medians over the rounds: what a call costs on each side, and the ratio of both within a round."""

    ours: float
    floor: float
    ratio: float
    unit: str = "ms"


def compare(ours: Side, floor: Side, calls: int, seconds: float = LONGEST_SECONDS) -> Measured:
    """Time `calls` calls of each side a round, turn by turn; the first rounds fill caches and are not counted."""
    # What was laid before stays: the collector need not look through it again while the clock runs.
    gc.collect()
    gc.freeze()
    turns = list[tuple[float, float]]()
    enough_at = time.monotonic() + seconds
    while len(turns) < ROUNDS and (len(turns) < LEAST_ROUNDS or time.monotonic() < enough_at):
        turns.append((_milliseconds(ours, calls), _milliseconds(floor, calls)))
    turns = turns[WARM_UP_ROUNDS:]
    return Measured(
        ours=median(mine for mine, _ in turns),
        floor=median(bare for _, bare in turns),
        ratio=median(mine / bare for mine, bare in turns),
    )


def _milliseconds(side: Side, calls: int) -> float:
    run = side(calls)
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1000 / calls


def asking(app: WSGIApplication, request: Callable[[], WSGIEnvironment], status: int) -> Side:
    """Put `request`, made anew for every call, straight to `app`; raises AssertionError for another `status`."""

    def prepare(calls: int) -> Callable[[], None]:
        requests = [request() for _ in range(calls)]

        def run() -> None:
            for environ in requests:
                answered, _, body = answer(app, environ)
                assert answered == status, f"{answered}: {body[:500].decode(errors='replace')}"

        return run

    return prepare


def answer(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body, without the cost of an HTTP client."""
    begun: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], object]:
        begun[:] = status, headers
        return begun.append

    starts: StartResponse = start_response
    parts: Iterable[bytes] = app(environ, starts)
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    return int(begun[0][:3]), dict(begun[1]), body
