"""Photos of somebody's papers: for those who handle the matter, never compared, and gone once they are not needed."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import bindparam, delete, or_, update

from participate.kernel.db import after_commit, execute, rows, table, transaction
from participate.photos import service as photos
from participate.photos.alike_models import PhotoFingerprint, PhotoLikeness
from participate.photos.models import DOCUMENT, DONE, Photo

_ID: Any = bindparam("photo")
_UNCOVERED = update(table(Photo)).where(Photo.id == _ID).values(redaction=DONE, redaction_why=None)
_FINGERPRINT = delete(table(PhotoFingerprint)).where(PhotoFingerprint.photo_id == _ID)
_LIKENESS = delete(table(PhotoLikeness)).where(or_(PhotoLikeness.photo_id == _ID, PhotoLikeness.other_id == _ID))


def attach(photo_id: str, owner_id: str, subject_id: str, field: str) -> None:
    """Make the owner's photo a document of a submission: nobody looks what to cover in it, or what is like it.

    Raises Invalid where it is not free and theirs.
    """
    with transaction():
        photos.attach([photo_id], owner_id, subject_id, DOCUMENT, field)
        for statement in (_UNCOVERED, _FINGERPRINT, _LIKENESS):
            execute(statement, {"photo": photo_id})


def remove(photo_ids: Sequence[str]) -> None:
    """Remove documents: their rows in the open transaction, their files once that has landed.

    Should the process die in between, the files have no row, and go as all such do.
    """
    held = Photo
    gone = delete(held).where(held.id.in_(photo_ids), held.purpose == DOCUMENT)
    with transaction():
        for row in rows(gone.returning(held.id, held.sha256, held.rendered)):
            after_commit(f"erase {row.id}", partial(photos.erase, row))
