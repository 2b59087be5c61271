"""Bodies on their way: taken in without a thread and without a place, however slowly they come, within limits.

What a body must not be: silent at its beginning, silent for long, or slower than any network is. A small one is kept in
memory, a longer one in a file without a name, which is gone with its process.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, TYPE_CHECKING

from participate.kernel.bodies import SMALL, Flow

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol

MOST = 1000  # So many may be on their way to one process: about 2 KiB each, and what has come.
ROOM = 2**30  # bytes that they may take of the disk, for each process.
FIRST_SECONDS, SILENT_SECONDS = 5.0, 30.0
PACE, START_SECONDS = 1024, 10.0  # bytes a second, on the average once it has been on its way for so long.
_LOOK_SECONDS = 0.5
LEFT = 4 * 2**20  # bytes of a body that nobody wants, which are taken in so that the client hears the answer.
_BLOCK = 2**19
_AHEAD, _AHEAD_SECONDS = 2**20, 0.02  # So far a flow may run ahead of who reads it, and when to look again.


class NoRoom(Exception):
    """There are too many bodies on their way, or too long ones."""


@dataclass
class Body:
    """What has come. `ended`: "whole", or why there is no more: "gone" (the client), "slow", "long"."""

    size: int = 0
    ended: str = "whole"
    on_disk: int = 0
    reserved: int = 0
    _held: list[bytes] = field(default_factory=list)
    _file: IO[bytes] | None = None

    @property
    def in_memory(self) -> int:
        """How many bytes are not in the file."""
        return self.size - self.on_disk

    def add(self, chunk: bytes) -> None:
        """Some more has come."""
        self._held.append(chunk)
        self.size += len(chunk)

    def write_down(self, folder: Path) -> None:
        """Put what is in memory into the file."""
        if self._file is None:
            self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `close`
        block, self._held = b"".join(self._held), []
        self._file.write(block)
        self.on_disk += len(block)

    def reader(self) -> IO[bytes]:
        """All of it, to be read from its beginning."""
        if self._file is None:
            return BytesIO(b"".join(self._held))
        self._file.write(b"".join(self._held))
        self._held = []
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Forget it."""
        if self._file is not None:
            self._file.close()


class _Coming:
    """One body on its way, as the clock sees it."""

    __slots__ = ("_began", "_last", "got", "is_late", "is_written", "task")

    def __init__(self, task: "asyncio.Task[None]") -> None:
        self.task, self.got, self.is_late, self.is_written = task, 0, False, False
        self._began = self._last = monotonic()

    def note(self, size: int) -> None:
        self.got, self._last = self.got + size, monotonic()

    def is_slow(self, moment: float) -> bool:
        if self.is_written:  # It is the disk that is waited for.
            return False
        since = moment - self._began
        return (
            moment - self._last > (SILENT_SECONDS if self.got else FIRST_SECONDS)
            or self.got < (since - START_SECONDS) * PACE
        )


class Intake:
    """Takes in bodies on the loop of one process, and watches over them."""

    def __init__(self, folder: Path, slow: Callable[[], None]) -> None:
        """`folder` is where long ones are kept; `slow` is told of each that was given up."""
        self._folder, self._slow = folder, slow
        self._coming, self._room = set[_Coming](), ROOM
        self._scribe = ThreadPoolExecutor(1, "scribe")
        self._is_watching = False

    async def receive(self, proto: "HTTPProtocol", length: int | None, most: int) -> Body:
        """The body, of `length` bytes if that was said. Raises NoRoom, and OSError where the disk has none."""
        coming, body = self._expect(), Body()
        try:
            await self._fill(body, proto, coming, length, most)
        except asyncio.CancelledError:
            if not coming.is_late:
                self.release(body)
                raise
            coming.task.uncancel()
            body.ended = "slow"
            self._slow()
        except BaseException:
            self.release(body)
            raise
        finally:
            self._coming.discard(coming)
        return body

    async def drain(self, proto: "HTTPProtocol") -> None:
        """Take in what is left of a body that nobody wants.

        The server closes a connection with an unread body, which cuts off the answer, or the next request that the
        client has already sent on it. What is longer than LEFT is not worth it.
        """
        if len(self._coming) >= MOST:
            return
        coming = self._expect()
        try:
            async for chunk in proto:
                coming.note(len(chunk))
                if not chunk or coming.got > LEFT:
                    return
        except asyncio.CancelledError:
            if not coming.is_late:
                raise
            coming.task.uncancel()
        finally:
            self._coming.discard(coming)

    async def hand_on(self, proto: "HTTPProtocol", flow: Flow, length: int | None) -> None:
        """Pour a body into `flow` as it comes; once nobody wants it any more, it is drained."""
        coming, ended = self._expect(), "gone"
        try:
            ended = await self._pour(proto, flow, coming, length)
        except asyncio.CancelledError:
            if not coming.is_late:
                raise
            coming.task.uncancel()
            ended = "slow"
            self._slow()
        finally:
            flow.end(ended)
            self._coming.discard(coming)

    async def _pour(self, proto: "HTTPProtocol", flow: Flow, coming: _Coming, length: int | None) -> str:
        empty, unwanted = 0, 0
        async for chunk in proto:
            coming.note(len(chunk))
            empty += not chunk
            if flow.is_wanted:
                flow.pour(chunk)
            else:
                unwanted += len(chunk)
            if coming.got == length:
                return "whole"
            if unwanted > LEFT:
                return "gone"
            coming.is_written = True
            while flow.is_wanted and flow.ahead > _AHEAD:
                await asyncio.sleep(_AHEAD_SECONDS)
            coming.is_written = False
        return _how_it_ended(length, empty)

    def release(self, body: Body) -> None:
        """Forget the body. To be called on the loop."""
        self._room += body.reserved
        body.reserved = 0
        body.close()

    def _expect(self) -> _Coming:
        task = asyncio.current_task()
        if len(self._coming) >= MOST or task is None:
            raise NoRoom
        coming = _Coming(task)
        self._coming.add(coming)
        if not self._is_watching:
            self._is_watching = True
            task.get_loop().call_later(_LOOK_SECONDS, self._watch, task.get_loop())
        return coming

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        moment = monotonic()
        for coming in self._coming:
            if not coming.is_late and coming.is_slow(moment):
                coming.is_late = True
                coming.task.cancel()
        self._is_watching = bool(self._coming)
        if self._is_watching:
            loop.call_later(_LOOK_SECONDS, self._watch, loop)

    async def _fill(self, body: Body, proto: "HTTPProtocol", coming: _Coming, length: int | None, most: int) -> None:
        empty = 0
        async for chunk in proto:
            coming.note(len(chunk))
            body.add(chunk)
            empty += not chunk
            if body.size > most:
                body.ended = "long"
                return
            if body.in_memory > (_BLOCK if body.on_disk else SMALL):
                await self._write_down(body, coming)
            if body.size == length:
                return
        body.ended = _how_it_ended(length, empty)

    async def _write_down(self, body: Body, coming: _Coming) -> None:
        if body.in_memory > self._room:
            raise NoRoom
        self._room -= body.in_memory
        body.reserved += body.in_memory
        coming.is_written = True
        await coming.task.get_loop().run_in_executor(self._scribe, body.write_down, self._folder)
        coming.is_written = False


def _how_it_ended(length: int | None, empty: int) -> str:
    """The end is an empty chunk; where there is another before it, the connection broke."""
    return "whole" if length is None and empty < 2 else "gone"
