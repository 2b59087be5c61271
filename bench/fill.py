"""Fills a database with submissions as they would stand there after some weeks."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any, cast

from sqlalchemy import TableClause, insert

from bench import prose
from bench.city import DISTRICT, crowded, middle
from participate.accounts.models import Account, RoleGrant
from participate.accounts.service import create_staff
from participate.kernel.auth import Grant
from participate.kernel.clock import now
from participate.kernel.db import Model, transaction
from participate.kernel.ids import new_id, new_receipt, new_reference
from participate.kernel.workflow import TimelineEntry
from participate.moderation import mending
from participate.moderation.models import ModerationTask
from participate.photos.models import Photo
from participate.places.drafts import Draft
from participate.submissions import search
from participate.submissions.kinds import KINDS
from participate.submissions.models import Submission, SubmissionText
from participate.submissions.tiles import tile_of
from participate.submissions.workflow import SUBMISSION

PASSWORD = "made-and-thrown-away"
# The index of pairs of characters, a table of another make on each database.
SEARCH = cast(TableClause, search.NUMBER.table)
_RESIDENTS = 500
_BATCH = 1000
_OF_AUTHOR = 100  # Every so many submissions one is the measured author's.
# How far submissions have come, and how many of a hundred.
_WALK = ("submit", "admit", "accept", "assign", "begin", "hand_over", "answer", "rate")
_HUNDRED = (2, 25, 5, 8, 10, 4, 6, 40)
_ACCEPTED = _WALK.index("accept") + 1


def people() -> str:
    """`author` and `moderator`, who sign in with PASSWORD; returns the author's account."""
    create_staff("moderator", PASSWORD, "审核员", [Grant("moderator", DISTRICT)])
    return create_staff("author", PASSWORD, "居民", [Grant("resident", "")])


def fill(count: int, cells: Sequence[Draft], author_id: str) -> str:
    """Write `count` submissions with all that hangs on them, the first in a crowd; returns one's id by `author_id`."""
    chance, residents = Random(count), _residents()
    shown = ""
    for start in range(0, count, _BATCH):
        writers = [chance.choice(residents) for _ in range(min(_BATCH, count - start))]
        writers[::_OF_AUTHOR] = [author_id] * len(writers[::_OF_AUTHOR])
        around = cells if start else crowded(cells)
        batch = [_submission(chance, writer, chance.choice(around)) for writer in writers]
        _write(batch, chance)
        shown = batch[0]["id"]
    while mending.adopt():  # What waits is counted, and found in the queue.
        pass
    return str(shown)


def _residents() -> list[str]:
    at = now()
    made = [
        {"id": new_id(), "phone": f"+86139{n:08}", "display_name": "居民", "language": "zh-Hans", "created_at": at}
        for n in range(_RESIDENTS)
    ]
    granted = [{"id": new_id(), "account_id": account["id"], "role": "resident", "area": ""} for account in made]
    _insert((Account, made), (RoleGrant, granted))
    return [str(account["id"]) for account in made]


def _submission(chance: Random, author_id: str, cell: Draft) -> dict[str, Any]:
    kind = KINDS[chance.choice(list(KINDS))]
    steps = chance.choices(range(1, len(_WALK) + 1), _HUNDRED)[0]
    point, at = middle(cell), now()
    return {
        "id": new_id(),
        "reference": new_reference(),
        "receipt": new_receipt(),
        "kind": kind.name,
        "state": _state_after(_WALK[steps - 1]),
        "version": steps,
        "author_id": author_id,
        "anonymous": chance.random() < 0.1,
        "title": prose.title(chance),
        "body": prose.body(chance),
        "details": {},
        "stated": {"lat": point.lat, "lon": point.lon, "crs": "wgs84", "accuracy_m": 12.0, "address": "解放路"},
        "place_source": "given",
        "lat": point.lat,
        "lon": point.lon,
        "area": cell.code,
        "cell": cell.code,
        "boundary_version": 1,
        "edge_m": 50.0,
        "public": steps >= _ACCEPTED and kind.public,
        "due_at": at + timedelta(days=3),
        "created_at": at,
        "updated_at": at,
        "handled_at": at if steps >= _ACCEPTED else None,
        "tile": tile_of(point.lat, point.lon) if steps > 1 else None,
    }


def _state_after(move: str) -> str:
    known = SUBMISSION.by_name.get(move)
    return known.target or "" if known else SUBMISSION.initial


def _write(batch: Sequence[dict[str, Any]], chance: Random) -> None:
    _insert(
        (Submission, batch),
        (TimelineEntry, [step for row in batch for step in _steps(row)]),
        (Photo, [photo for row in batch for photo in _photos(row, chance)]),
        (ModerationTask, [_task(row) for row in batch if row["version"] > 1]),
    )
    _index(batch)


def _index(batch: Sequence[dict[str, Any]]) -> None:
    """Let the batch be found by its words."""
    held = SubmissionText
    texts = [{"submission_id": row["id"], "text": search.normal(f"{row['title']}\n{row['body']}")} for row in batch]
    with transaction() as session:
        kept = session.execute(insert(held).returning(held.number, held.text), texts).all()
        session.execute(insert(SEARCH), [{"rowid": row.number, "bigrams": search.bigrams(row.text)} for row in kept])


def _insert(*given: tuple[type[Model], Sequence[dict[str, Any]]]) -> None:
    with transaction() as session:
        for model, made in given:
            session.execute(insert(model), made)


def _steps(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for version, move in enumerate(_WALK[: row["version"]], start=1):
        yield {
            "thread_id": row["id"],
            "subject_type": "submission",
            "subject_id": row["id"],
            "version": version,
            "at": row["created_at"],
            "move": move,
            "target": _state_after(move),
            "actor_role": "system",
            "shown_to": "author",
            "note_to": "desk",
        }


def _photos(row: dict[str, Any], chance: Random) -> Iterator[dict[str, Any]]:
    for _ in range(chance.choice((1, 1, 2, 3))):
        yield {
            "owner_id": row["author_id"],
            "subject_id": row["id"],
            "state": "ready",
            "sha256": f"{chance.getrandbits(256):064x}",
            "size": 3_500_000,
            "width": 4000,
            "height": 3000,
            "media_type": "image/jpeg",
            "taken_at": row["created_at"],
            "lat": row["lat"],
            "lon": row["lon"],
            "created_at": row["created_at"],
        }


def _task(row: dict[str, Any]) -> dict[str, Any]:
    waits = row["state"] == "in_moderation"
    return {
        "submission_id": row["id"],
        "fact_id": new_id(),
        "kind": row["kind"],
        "title": row["title"],
        "area": row["area"],
        "author_id": row["author_id"],
        "due_at": row["due_at"],
        "state": "waiting" if waits else "decided",
        "decision": None if waits else "accept",
    }
