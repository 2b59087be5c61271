"""What texts are compared by: a hash of all of it, and hashes of bigrams that texts have in common if nearly the same.

MinHash (Broder, 1997) in bands: of two texts that share 70 % of their bigrams, 95 % have a band in common; of two that
share 10 %, one in a thousand.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, union_all

from participate.kernel.clock import now
from participate.kernel.db import AnyRow, add, execute, one, rows, table, transaction
from participate.kernel.ids import first_id
from participate.moderation.models import ModerationPrint, ModerationPrintBand
from participate.submissions.models import Submission

KEPT = timedelta(days=90)
BANDS = 12
_IN_BAND = 4
_NEWEST = 20  # So many of those that share a band are looked at.
_SAME = 100  # So many of those that are wholly the same.
_STEP = 100
_PRINTS, _BANDS = table(ModerationPrint), table(ModerationPrintBand)
_KEEP, _KEEP_BAND = insert(_PRINTS), insert(_BANDS)


@dataclass(frozen=True)
class Print:
    """A text's hashes, each a whole number of 64 bits with a sign."""

    whole: int
    bands: tuple[int, ...]


def of(text: str) -> Print:
    """The hashes of a text; one without bigrams has no bands."""
    return Print(_hash(text.encode("utf-8", "surrogatepass")), _bands(text) if len(text) > 1 else ())


def _hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


def _bands(text: str) -> tuple[int, ...]:
    import numpy as np  # noqa: PLC0415 - arrays, for the worker alone

    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    bigrams = np.unique(letters[:-1] << np.uint64(21) | letters[1:])
    # Neighbouring letters must not come to neighbouring hashes: so they are mixed first (as in MurmurHash3).
    mixed = (bigrams ^ bigrams >> np.uint64(33)) * np.uint64(0xFF51AFD7ED558CCD)
    mixed = (mixed ^ mixed >> np.uint64(33)) * np.uint64(0xC4CEB9FE1A85EC53)
    factors, steps = _functions()
    lowest = (mixed[:, np.newaxis] * factors + steps).min(axis=0)
    parts = lowest.astype(">u8").reshape(BANDS, _IN_BAND)
    return tuple(_hash(bytes([number]) + part.tobytes()) for number, part in enumerate(parts))


@cache
def _functions() -> tuple[Any, Any]:
    """The hash functions, by number: the same for ever, since what they have made is kept."""
    import numpy as np  # noqa: PLC0415 - see above

    made = [[_hash(f"{name} {n}".encode()) % 2**64 for n in range(BANDS * _IN_BAND)] for name in ("factor", "step")]
    return np.array(made[0], np.uint64) | np.uint64(1), np.array(made[1], np.uint64)


_LOCKED = select(Submission.state).where(Submission.id == bindparam("id")).with_for_update(key_share=True)
_KEPT = select(_PRINTS.c.whole, _PRINTS.c.bands).where(_PRINTS.c.submission_id == bindparam("id"))


def keep(submission_id: str, author_id: str, made: Print) -> None:
    """Keep what a submission is compared by, in the place of what was kept before; not of one that is withdrawn."""
    with transaction():
        state = one(_LOCKED, {"id": submission_id})
        kept = one(_KEPT, {"id": submission_id})
        if state is None or state.state == "withdrawn" or (kept is not None and kept.whole == made.whole):
            return
        drop(submission_id)
        bands = sorted(set(made.bands))
        row = {"submission_id": submission_id, "author_id": author_id, "whole": made.whole, "bands": bands}
        add(_KEEP, row | {"at": now()})
        for band in bands:
            add(_KEEP_BAND, {"band": band, "submission_id": submission_id})


def drop(submission_id: str) -> None:
    """Keep nothing of a submission's text here."""
    with transaction():
        kept = one(_KEPT, {"id": submission_id})
        if kept is not None:
            _drop(submission_id, kept.bands)


def _drop(submission_id: str, bands: Sequence[int]) -> None:
    execute(delete(_BANDS).where(_BANDS.c.band.in_(bands), _BANDS.c.submission_id == submission_id))
    execute(delete(_PRINTS).where(_PRINTS.c.submission_id == submission_id))


def forget_prints() -> int:
    """Keep nothing of texts that were last looked through KEPT ago or before; a step, for the worker."""
    held, before = _PRINTS.c, now() - KEPT
    old = select(held.submission_id, held.bands).where(held.submission_id < first_id(before), held.at < before)
    with transaction():
        found = rows(old.order_by(held.submission_id).limit(_STEP))
        for row in found:
            _drop(row.submission_id, row.bands)
    return len(found)


_WHOLE = (
    select(_PRINTS.c.submission_id, _PRINTS.c.author_id)
    .where(_PRINTS.c.whole == bindparam("whole"))
    .order_by(_PRINTS.c.submission_id.desc())
    .limit(_SAME)
)


def same(made: Print) -> Sequence[AnyRow]:
    """The newest submissions with wholly this text: `submission_id, author_id`."""
    return rows(_WHOLE, {"whole": made.whole})


def nearly(made: Print, most: int) -> list[str]:
    """The submissions that share bands, those first that share most of them, then the newest."""
    if not made.bands:
        return []
    found = rows(_sharing(), {f"band_{number}": band for number, band in enumerate(made.bands)})
    shared = Counter(row.submission_id for row in found)
    return sorted(shared, key=lambda each: (shared[each], each), reverse=True)[:most]


@cache
def _sharing() -> Any:
    """The newest of each band, all in one statement."""
    held = _BANDS.c
    of_band = [
        select(held.submission_id)
        .where(held.band == bindparam(f"band_{number}"))
        .order_by(held.submission_id.desc())
        .limit(_NEWEST)
        .subquery()
        for number in range(BANDS)
    ]
    return union_all(*(select(each.c.submission_id) for each in of_band))
