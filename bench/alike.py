"""Finding the photos that look like one among a million, beside finding one row by an index."""

from collections.abc import Callable
from random import Random

from sqlalchemy import bindparam, delete, select

from bench.measure import Measured, Side, compare
from bench.ours import Service
from participate.kernel.db import db, execute, is_sqlite, one, rows, transaction
from participate.kernel.ids import new_id
from participate.photos import alike
from participate.photos.alike_models import PhotoFingerprint
from participate.photos.models import Photo

MANY = 1_000_000
_CALLS, _KNOWN, _BITS = 100, 1000, 6
_BY_NUMBER = select(PhotoFingerprint.photo_id).where(PhotoFingerprint.number == bindparam("number"))
_Row = tuple[str, int, int]


def finding(service: Service) -> Measured:
    """Both sides ask in the way of the service; each photo asked for has one that is alike."""
    chance = Random(1)
    service.app.extensions.pop(alike.EXTENSION, None)  # What this process has read of them goes, as they do.
    with service.app.app_context():
        known = [row.id for row in rows(select(Photo.id).limit(_KNOWN))]
        with transaction():  # Of the photos that other lines have sent in.
            execute(delete(PhotoFingerprint))
        prints = [chance.getrandbits(64) for _ in range(MANY)]
        _keep([(photo_id, number, prints[number - 1]) for number, photo_id in enumerate(known, start=1)])
        _keep([(new_id(), number, prints[number - 1]) for number in range(len(known) + 1, MANY + 1)])
        alike.near(0)  # A worker reads them all once.

    def ours() -> None:
        wanted = prints[chance.randrange(len(known))]
        for bit in chance.sample(range(64), _BITS):
            wanted ^= 1 << bit
        assert [bits for _, bits in alike.near(wanted, MANY + 1)] == [_BITS]  # As for the next photo that lands.

    def floor() -> None:
        assert one(_BY_NUMBER, {"number": chance.randrange(1, MANY + 1)}) is not None

    return compare(_side(service, ours), _side(service, floor), _CALLS)


def _side(service: Service, ask: Callable[[], None]) -> Side:
    def prepare(calls: int) -> Callable[[], None]:
        def run() -> None:
            with service.app.app_context():
                for _ in range(calls):
                    ask()

        return run

    return prepare


def _keep(kept: list[_Row]) -> None:
    """Write fingerprints down, of photos that are not all there: only what they look like counts."""
    signed = ((photo_id, number, seen - (seen >> 63 << 64)) for photo_id, number, seen in kept)
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        if is_sqlite():
            cursor.execute("PRAGMA foreign_keys=OFF")
            cursor.execute("BEGIN IMMEDIATE")
            lines = ((photo_id.replace("-", ""), *rest) for photo_id, *rest in signed)
            cursor.executemany("INSERT INTO photo_fingerprints VALUES (?, ?, ?)", lines)
            cursor.execute("COMMIT")
            cursor.execute("PRAGMA foreign_keys=ON")
        else:
            cursor.execute("SET session_replication_role = replica")
            with cursor.copy("COPY photo_fingerprints FROM STDIN") as copy:  # type: ignore[attr-defined]
                for line in signed:
                    copy.write_row(line)
            cursor.execute("RESET session_replication_role")
            cursor.execute("ANALYZE photo_fingerprints")
    finally:
        connection.close()
