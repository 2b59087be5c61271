"""An upload's life: begun, continued piece by piece through any process, and made a photo once it is whole."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from participate.kernel import retention
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, execute, is_sqlite, one, rows, table, transaction
from participate.kernel.errors import (
    ChecksumMismatch,
    Conflict,
    Gone,
    Invalid,
    Missing,
    TooLarge,
    TooMany,
    Unreadable,
)
from participate.kernel.ids import new_id
from participate.photos import service as photos
from participate.photos.allowance import check_allowance
from participate.photos.arriving import Arrival, drop_left
from participate.photos.uploads import pieces
from participate.photos.uploads.models import Upload
from participate.photos.uploads.protocol import BrokenOff, Checksum

UNFINISHED_KEPT = timedelta(hours=24)
FINISHED_KEPT = timedelta(hours=48)  # As long as other answers are kept for who may not have heard them.
_LATER_SECONDS = 600
_SHOWN = (
    *(Upload.id, Upload.length, Upload.described, Upload.pieces, Upload.writing, Upload.turn),
    *(Upload.photo_id, Upload.expires_at, Upload.fingerprint),
)
_ONE = select(*_SHOWN).where(Upload.id == bindparam("id"), Upload.owner_id == bindparam("owner"))
_NAMED = select(*_SHOWN).where(Upload.owner_id == bindparam("owner"), Upload.key == bindparam("named"))
_OPEN = select(func.count().label("number"), func.coalesce(func.sum(Upload.length), 0).label("size")).where(
    Upload.owner_id == bindparam("owner"), Upload.created_at >= bindparam("since"), Upload.photo_id.is_(None)
)
_NEW = [
    made(table(Upload)).on_conflict_do_nothing().returning(table(Upload).c.id)
    for made in (postgresql.insert, sqlite.insert)
]

Parts = list[list[int]]  # Each a turn, and how many bytes of its piece count.


@dataclass(frozen=True)
class Standing:
    """How an upload stands: `offset` bytes of `length` have come."""

    id: str
    length: int
    offset: int
    described: str
    expires_at: datetime
    photo_id: str | None


def begin(owner_id: str, length: int, described: str, key: str | None) -> Standing:
    """Make room for an upload, or find the one that was begun with the same `key`.

    Raises TooLarge, TooMany, and Invalid where the key was used for another upload.
    """
    fingerprint = sha256(f"{length} {described}".encode()).hexdigest()
    found = _begun(owner_id, key, fingerprint)
    if found is not None:
        return show(found.id, owner_id)
    _check_room(owner_id, length)
    row: dict[str, Any] = {
        "id": new_id(),
        "owner_id": owner_id,
        "key": key,
        "fingerprint": fingerprint,
        "described": described,
    }
    row |= {"length": length, "pieces": [], "created_at": now(), "expires_at": now() + UNFINISHED_KEPT}
    with transaction():
        made = rows(_NEW[is_sqlite()], row)
    found = None if made else _begun(owner_id, key, fingerprint)
    return show(found.id if found else row["id"], owner_id)


def _begun(owner_id: str, key: str | None, fingerprint: str) -> AnyRow | None:
    found = one(_NAMED, {"owner": owner_id, "named": key}) if key is not None else None
    if found is not None and found.fingerprint != fingerprint:
        raise Invalid(code="idempotency_key_reused")
    if found is not None and found.expires_at <= now():
        _remove(found.id)
        return None
    return found


def _check_room(owner_id: str, length: int) -> None:
    if length > settings().max_photo_bytes:
        raise TooLarge("photo_too_large")
    held = one(_OPEN, {"owner": owner_id, "since": now() - UNFINISHED_KEPT})
    assert held is not None  # noqa: S101 - a count has a row
    if held.number >= settings().max_unfinished_uploads:
        raise TooMany("too_many_uploads", retry_after=_LATER_SECONDS)
    check_allowance(owner_id, int(held.size) + length)


def show(upload_id: str, owner_id: str) -> Standing:
    """How the upload stands. One that has come whole is finished here, where a crash kept that from happening.

    Raises Missing where it is nobody's or another's, Gone where its time is over.
    """
    row = _found(upload_id, owner_id)
    standing = _standing(row)
    if standing.offset == row.length and row.photo_id is None:
        parts = _arrived(row)
        _finish(row, owner_id, _take(row, parts, writes=False), _joined(row.id, parts))
        return _standing(_found(upload_id, owner_id))
    return standing


def _found(upload_id: str, owner_id: str) -> AnyRow:
    found = one(_ONE, {"id": upload_id, "owner": owner_id})
    if found is None:
        raise Missing
    if found.expires_at <= now():
        raise Gone("upload_gone")
    return found


def _standing(row: AnyRow) -> Standing:
    offset = row.length if row.photo_id else _total(_arrived(row))
    return Standing(row.id, row.length, offset, row.described, row.expires_at, row.photo_id)


def _arrived(row: AnyRow) -> Parts:
    """The pieces, with what has come by now of the one that may still be growing."""
    parts: Parts = [list(part) for part in row.pieces]
    if row.writing is not None and (size := pieces.arrived(row.id, row.writing)):
        parts.append([row.writing, size])
    return parts


def _total(parts: Parts) -> int:
    return sum(size for _, size in parts)


def _take(row: AnyRow, parts: Parts, writes: bool) -> int:
    """Be the one who goes on behind `parts`, in a turn of one's own; whoever did so before adds nothing any more.

    Returns the turn. Raises Conflict where somebody else was quicker.
    """
    if len(parts) > len(row.pieces):
        pieces.settle(row.id, parts[-1][0])
    turn = int(row.turn) + 1
    values = {"turn": turn, "pieces": parts, "writing": turn if writes else None}
    if not _changed(row.id, row.turn, values):
        raise Conflict("upload_taken_over", retry_after=1)
    return turn


def _changed(upload_id: str, turn: int, values: Mapping[str, object]) -> bool:
    held = Upload
    mine = update(held).where(held.id == upload_id, held.turn == turn, held.photo_id.is_(None))
    with transaction():
        return bool(rows(mine.values(**values).returning(held.id)))


def go_on(
    upload_id: str,
    owner_id: str,
    offset: int,
    body: Iterable[bytes],
    announced: int | None = None,
    checksum: Checksum | None = None,
) -> Standing:
    """Take in `body`, of `announced` bytes, behind the first `offset`; of one that breaks off, what has come is kept.

    A piece with a checksum counts whole or not at all. Raises Missing, Gone, Conflict (another offset, or somebody
    else goes on), TooLarge, ChecksumMismatch, and Unreadable where the body broke off.
    """
    row = _found(upload_id, owner_id)
    parts = _arrived(row)
    if offset != (row.length if row.photo_id else _total(parts)):
        raise Conflict("upload_offset")
    if offset + (announced or 0) > row.length:
        raise TooLarge("upload_overfull")
    if offset == row.length:
        return show(upload_id, owner_id)
    turn = _take(row, parts, writes=checksum is None)
    with closing(pieces.Piece(row.id, turn)) as piece:
        is_whole = _filled(piece, body, row.length - offset, checksum)
        try:
            _count(row, owner_id, parts, piece)
        except FileNotFoundError:  # Somebody has ended the upload meanwhile.
            _found(upload_id, owner_id)
            raise Conflict("upload_taken_over", retry_after=1) from None
    if not is_whole:
        raise Unreadable("bad_request")
    return _standing(_found(upload_id, owner_id))


def _count(row: AnyRow, owner_id: str, parts: Parts, piece: pieces.Piece) -> None:
    """Let the piece count for good, and finish the upload if it was the last one."""
    if _total(parts) + piece.size == row.length:
        _finish(row, owner_id, piece.turn, _joined(row.id, parts, piece) if parts else piece)
    elif piece.size:
        piece.settle()
        if not _changed(row.id, piece.turn, {"pieces": [*parts, [piece.turn, piece.size]], "writing": None}):
            raise Conflict("upload_taken_over", retry_after=1)


def _filled(piece: pieces.Piece, body: Iterable[bytes], room: int, checksum: Checksum | None) -> bool:
    """Take in the body; returns whether it came to its end. Where it must not count, the piece is empty after."""
    hashed, is_whole = checksum.new() if checksum else sha256(), True
    try:
        for data in body:
            if piece.size + len(data) > room:
                piece.drop()
                raise TooLarge("upload_overfull")
            piece.write(data)
            if checksum is not None:
                hashed.update(data)
    except BrokenOff:
        is_whole = False
    if checksum is not None and (not is_whole or hashed.digest() != checksum.digest):
        piece.drop()
        raise ChecksumMismatch("checksum_mismatch")
    return is_whole


def _joined(upload_id: str, parts: Parts, last: pieces.Piece | None = None) -> Arrival:
    """All pieces as one file."""
    whole = Arrival(settings().max_photo_bytes)
    for turn, size in parts:
        for data in pieces.read(upload_id, turn, size):
            whole.write(data)
    if last is not None:
        for data in last.read():
            whole.write(data)
    return whole


def _finish(row: AnyRow, owner_id: str, turn: int, whole: Arrival | pieces.Piece) -> None:
    """Make the whole a photo, as any other that arrives. Raises Conflict where somebody else has gone on."""
    with closing(whole):
        kept = photos.keep(whole)
        done: dict[str, object] = {
            "photo_id": kept.photo_id,
            "pieces": [],
            "writing": None,
            "expires_at": now() + FINISHED_KEPT,
        }
        with transaction():
            if not _changed(row.id, turn, done):
                raise Conflict("upload_taken_over", retry_after=1)
            photos.register(kept, owner_id)
    pieces.forget(row.id)


def end(upload_id: str, owner_id: str) -> None:
    """Forget the upload; a photo that it has become stays. Raises Missing, Gone."""
    _remove(_found(upload_id, owner_id).id)


def _remove(upload_id: str) -> None:
    with transaction():
        execute(delete(table(Upload)).where(table(Upload).c.id == upload_id))
    pieces.forget(upload_id)


def forget_expired() -> int:
    """Forget uploads whose time is over, so many at a time, rows first; returns how many."""
    return retention.forget(Upload, Upload.expires_at <= now(), by=Upload.expires_at)


def forget_pieces() -> int:
    """Remove the pieces of uploads that there are no more, and files that a crash has left; returns of how many."""
    found = sorted(pieces.uploads())
    known = {row.id for row in rows(select(Upload.id).where(Upload.id.in_(found)))} if found else set[str]()
    for upload_id in found:
        if upload_id not in known:
            pieces.forget(upload_id)
    drop_left((now() - UNFINISHED_KEPT).timestamp())
    return len(set(found) - known)
