"""What a moderator mends in a submission before deciding: its kind, category and place, its words, its photos."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from participate.kernel.clock import now
from participate.kernel.db import db, one, transaction
from participate.kernel.errors import Conflict, Fault, Invalid, Missing
from participate.kernel.workflow import Actor, locked
from participate.photos import service as photos
from participate.submissions import search
from participate.submissions.intake import check_catalogue, placed
from participate.submissions.kinds import KINDS, SEALED, checked_details, missing_place
from participate.submissions.models import Submission, SubmissionOriginal
from participate.submissions.service import moderate
from participate.submissions.services import documents
from participate.submissions.services import service as services
from participate.submissions.supervisions import service as supervisions
from participate.submissions.tiles import tile_of

COVER = "■■■"  # What stands where words were.
AMENDABLE = ("kind", "category", "details", "place")


def amend(submission_id: str, changes: dict[str, Any], actor: Actor, note: str | None) -> list[str]:
    """Give it another kind, category, place, or other details; its author is told. Returns which have changed.

    Raises Invalid where these do not fit together, and what the workflow's table says.
    """
    with transaction():
        row = locked(Submission, submission_id)
        if row.kind == SEALED and changes.get("kind", SEALED) != SEALED:
            raise Conflict("sealed_kind")  # As another kind one person could reject it, and everyone could read it.
        before = {name: getattr(row, name) for name in ("kind", "category", "details", "stated")}
        if "kind" in changes or "details" in changes:
            row.kind = changes.get("kind", row.kind)
            row.details = _details(row, changes)
            supervisions.check(row.kind, row.author_id, row.details)
            supervisions.keep(row)
        row.category = changes.get("category", row.category)
        check_catalogue(row.category, row.details, before["category"], before["details"].get("service"))
        services.note(row.id, row.kind, row.details)
        if row.kind != before["kind"]:
            documents.drop(row)
        if "place" in changes:
            _place(row, changes["place"])
        if KINDS[row.kind].needs_place and row.place_source == "none":
            raise missing_place(row.kind)
        changed = [name for name, was in before.items() if getattr(row, name) != was]
        shown = [_CALLED.get(name, name) for name in changed]
        if changed:
            db.session.flush()  # The move reads the row anew.
            moderate(row.id, "amend", actor, note, shown={"fields": shown, "before": _said(before, changed)})
        return shown


_CALLED = {"stated": "place"}


def _details(row: Submission, changes: dict[str, Any]) -> dict[str, Any]:
    """What only this kind holds: as given, or what the new kind takes of what is there; answers stay the author's."""
    for own in {"answers", "documents"} & changes.get("details", {}).keys():
        raise Invalid(Fault(f"details.{own}", "authors_own"))
    if "details" in changes:
        said = {"answers": row.details["answers"]} if "answers" in row.details and "kind" not in changes else {}
        return checked_details(row.kind, changes["details"] | said)
    fields = KINDS[row.kind].details().fields
    return checked_details(row.kind, {name: value for name, value in row.details.items() if name in fields})


def _place(row: Submission, place: dict[str, Any]) -> None:
    for column, value in placed(place).items():
        setattr(row, column, value)
    row.tile = tile_of(row.lat, row.lon)
    search.place(row)


def _said(before: dict[str, Any], changed: Sequence[str]) -> dict[str, Any]:
    """What it was before, for the timeline; the exact place is no one's business there."""
    return {name: before[name] for name in changed if name != "stated"}


def redact(submission_id: str, words: Sequence[str], actor: Actor, note: str | None) -> bool:
    """Take words out of title and body, each wherever it stands; the first original is kept. Returns whether any did.

    Raises Invalid for words that stand nowhere.
    """
    with transaction():
        row = locked(Submission, submission_id)
        title, body = row.title, row.body
        lacking = [n for n, word in enumerate(words) if word not in f"{title or ''}\n{body}"]
        if lacking:
            raise Invalid(*(Fault(f"edits.redact.{n}", "no_such_words") for n in lacking))
        if not words:
            return False
        _keep_original(row, actor)
        taken = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))
        row.title, row.body = title and taken.sub(COVER, title)[:120], taken.sub(COVER, body)
        row.redacted = True
        db.session.flush()
        search.keep(row)
        moderate(row.id, "redact", actor, note, shown={"words": len(words)})
        return True


def _keep_original(row: Submission, actor: Actor) -> None:
    held = SubmissionOriginal
    if one(select(held.submission_id).where(held.submission_id == row.id)) is None:
        kept = {"title": row.title, "body": row.body, "kept_by": actor.account_id, "kept_at": now()}
        db.session.add(held(submission_id=row.id, **kept))


def original(submission_id: str) -> dict[str, Any]:
    """Title and body as their author wrote them, whatever was taken out since. Raises Missing."""
    kept, held = SubmissionOriginal, Submission
    found = one(select(kept.title, kept.body).where(kept.submission_id == submission_id))
    found = found or one(select(held.title, held.body).where(held.id == submission_id))
    if found is None:
        raise Missing
    return dict(found._asdict())


def hide_photos(
    submission_id: str, photo_ids: Sequence[str], actor: Actor, note: str | None, shown: dict[str, Any] | None = None
) -> None:
    """Take photos from the public's eyes; the author hears why. Raises Invalid for photos that are not its own."""
    with transaction():
        given = ["photo"] if photo_ids else []
        moderate(submission_id, "hide_photo", actor, note, given, {"photos": list(photo_ids)} | (shown or {}))
        photos.hide(photo_ids, submission_id)


def hurry(submission_id: str, actor: Actor) -> bool:
    """Mark it urgent, for the desk and for those who handle it. Returns whether it was not yet."""
    with transaction():
        row = locked(Submission, submission_id)
        if row.urgent:
            return False
        row.urgent = True
        db.session.flush()
        moderate(row.id, "hurry", actor, None)
        return True
