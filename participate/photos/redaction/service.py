"""Redaction's verbs: look a photo through, write down what was found, change the boxes, look at what is due."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, insert, literal_column, select, update

from participate.audit import service as audit
from participate.kernel import outbox
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, add, after_commit, one, rows, table, transaction
from participate.kernel.errors import Conflict, Fault, Invalid, Missing, Stale
from participate.kernel.ids import new_id
from participate.photos.arriving import store
from participate.photos.files import RENDITIONS, covered_key, rendition_key
from participate.photos.models import DONE, DUE, NEEDS_LOOK, PENDING, Photo
from participate.photos.redaction.boxes import Box
from participate.photos.redaction.models import PhotoBox
from participate.photos.redaction.queries import active

if TYPE_CHECKING:
    from participate.photos.redaction.finding import Found

REDACT = "photos.redact"  # The subscriber that looks for faces and plates.
MOST_BOXES = 200
_ASKED = "photo.redaction_asked"
_FAILED = "failed"
_STEP = 5  # photos
_SECONDS = 3  # A photo is usually looked through by then.
_NEW_BOX = insert(table(PhotoBox))


@dataclass(frozen=True)
class Redacted:
    """A photo as the worker has looked it through: at which version of its boxes, what was found (None where a
    moderator has said what there is), and the name of the renditions in which it is covered."""

    version: int
    found: "Found | None"
    rendered: str | None


def redact(fact: outbox.Fact) -> Redacted | None:
    """Look a photo through and put its covered renditions away; None if it is gone or done. For the worker."""
    # No process that only serves loads what looks.
    from participate.photos.redaction import covering, finding  # noqa: PLC0415

    row = one(select(Photo.state, Photo.redaction, Photo.boxes_version, Photo.looked_by).where(_is(fact.subject_id)))
    if row is None or row.state != "ready" or row.redaction not in {DUE, PENDING}:
        return None
    view = covering.opened(store().get(rendition_key(fact.subject_id, "view")))
    held, found = settings(), None
    if row.looked_by is None:
        found = finding.find(view, held.find_faces, held.find_plates)
    boxes = found.boxes if found else [_box(each) for each in active(fact.subject_id)]
    rendered = new_id() if boxes else None
    if rendered:
        covered = covering.renditions(covering.cover(view, boxes))
        store().put_all({covered_key(fact.subject_id, name, rendered): data for name, data in covered.items()})
    return Redacted(row.boxes_version, found, rendered)


def _is(photo_id: str) -> ColumnElement[bool]:
    return Photo.id == photo_id


def _box(row: AnyRow) -> Box:
    return Box(row.kind, row.x, row.y, row.w, row.h, row.sure)


def settle(fact: outbox.Fact, outcome: Redacted | None) -> None:
    """Write down what `redact` did, unless somebody has changed the boxes meanwhile."""
    with transaction():
        if outcome is not None:
            found = outcome.found
            why = found.why if found else None
            if not _concluded(fact.subject_id, outcome, why):
                _drop(fact.subject_id, outcome.rendered)
            elif found:
                _add(fact.subject_id, found.boxes, "found", None)
        if fact.name == _ASKED:
            ask_for_due(1)


def _concluded(photo_id: str, outcome: Redacted, why: str | None) -> bool:
    held = Photo
    current = one(select(held.rendered, held.subject_id, held.owner_id).where(_is(photo_id)).with_for_update())
    open_ = held.redaction.in_((DUE, PENDING)), held.boxes_version == outcome.version
    values: dict[str, object] = {
        "redaction": NEEDS_LOOK if why else DONE,
        "redaction_why": why,
        "rendered": outcome.rendered,
    }
    if outcome.found:
        values["boxes_version"] = outcome.version + 1
    if not rows(update(held).where(_is(photo_id), *open_).values(**values).returning(held.id)) or current is None:
        return False
    _drop(photo_id, current.rendered)
    _tell(photo_id, current)
    return True


def _tell(photo_id: str, row: AnyRow) -> None:
    outbox.record("photo.redacted", "photo", photo_id, data={"thread": row.subject_id, "owner": row.owner_id})


def _drop(photo_id: str, rendered: str | None) -> None:
    """Remove covered renditions that nobody is shown any more, once that has landed."""
    if rendered:
        keys = [covered_key(photo_id, name, rendered) for name in RENDITIONS]

        def drop() -> None:
            for key in keys:
                store().delete(key)

        after_commit(f"drop {rendered}", drop)


def set_aside(fact: outbox.Fact) -> None:
    """A photo that could not be looked through again and again waits for a moderator's look."""
    held = Photo
    waiting = update(held).where(_is(fact.subject_id), held.redaction.in_((DUE, PENDING)))
    with transaction():
        given_up = waiting.values(redaction=NEEDS_LOOK, redaction_why=_FAILED)
        for row in rows(given_up.returning(held.subject_id, held.owner_id)):
            _tell(fact.subject_id, row)
        if fact.name == _ASKED:
            ask_for_due(1)


def ask_for_due(most: int = _STEP) -> int:
    """Have the next photos looked through that nobody has asked for: those from before there was redaction.

    A few at a time, so that new ones need not wait behind them: each that is done asks for the next. Returns how many.
    """
    held = Photo
    if most > 1 and outbox.is_late(REDACT, timedelta(0)):
        return 0
    due = select(held.id).where(held.redaction == literal_column(f"'{DUE}'"), held.state == "ready")
    following = due.order_by(held.id).limit(most).scalar_subquery()
    with transaction():
        found = rows(update(held).where(held.id.in_(following)).values(redaction=PENDING).returning(held.id))
        for row in found:
            outbox.record("photo.redaction_asked", "photo", row.id)
    return len(found)


def change(photo_id: str, moderator_id: str, kept: Collection[str], added: Sequence[Box], version: int) -> None:
    """Save a photo's boxes as a moderator has found them: those `kept`, and the `added` ones; all others are removed.

    Saving them as they are says that the photo was looked at. The photo is hidden until the worker has covered what is
    to be covered. Raises Missing, Stale, Invalid, and Conflict (`redaction_pending`) while it is first looked through.
    """
    held, box = Photo, PhotoBox
    with transaction():
        stand = select(held.redaction, held.boxes_version, held.looked_by, held.state).where(_is(photo_id))
        row = one(stand.with_for_update())
        if row is None or row.state != "ready":
            raise Missing
        if row.boxes_version != version:
            raise Stale
        if row.redaction in {DUE, PENDING} and row.looked_by is None:
            raise Conflict("redaction_pending", retry_after=_SECONDS)
        present = {each.id for each in active(photo_id)}
        _check(present, kept, added)
        gone = sorted(present.difference(kept))
        rows(update(box).where(box.id.in_(gone)).values(removed_by=moderator_id, removed_at=now()).returning(box.id))
        new = _add(photo_id, added, "moderator", moderator_id)
        saved = {"redaction": PENDING, "redaction_why": None, "boxes_version": version + 1, "looked_by": moderator_id}
        rows(update(held).where(_is(photo_id)).values(**saved).returning(held.id))
        audit.record("photo.boxes_changed", "photo", photo_id, moderator_id, added=new, removed=gone)
        outbox.record("photo.boxes_changed", "photo", photo_id)


def _check(present: Collection[str], kept: Collection[str], added: Sequence[Box]) -> None:
    if len(kept) + len(added) > MOST_BOXES:
        raise Invalid(Fault("boxes", "length", (("min", 0), ("max", MOST_BOXES))))
    if not set(kept) <= set(present):
        raise Invalid(Fault("boxes", "box_unknown"))


def _add(photo_id: str, boxes: Sequence[Box], source: str, account_id: str | None) -> list[str]:
    made = []
    for box in boxes:
        made.append(new_id())
        place = {"kind": box.kind, "x": box.x, "y": box.y, "w": box.w, "h": box.h, "sure": box.sure}
        who = {"source": source, "added_by": account_id, "added_at": now()}
        add(_NEW_BOX, {"id": made[-1], "photo_id": photo_id} | place | who)
    return made
