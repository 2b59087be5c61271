"""Rows of what photos look like, and of which look alike."""

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from participate.kernel.db import Id, Model

NEAR = 8  # Photos that differ in no more of their 64 bits look alike.


class PhotoFingerprint(Model):
    """A photo's fingerprint, as a signed number; `number` counts them in the order in which they have landed."""

    __tablename__ = "photo_fingerprints"
    photo_id: Mapped[str] = mapped_column(Id, ForeignKey("photos.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    fingerprint: Mapped[int] = mapped_column(BigInteger)


class FingerprintCount(Model):
    """One row with the last number given.

    Whoever takes one holds the row until the fingerprint has landed, so that nobody sees a number before the lower
    ones: what has been read up to a number need not be read again.
    """

    __tablename__ = "fingerprint_counts"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(BigInteger)


class PhotoLikeness(Model):
    """A photo looked like another that was there before it; `distance` is the number of bits that differ."""

    __tablename__ = "photo_likenesses"
    photo_id: Mapped[str] = mapped_column(Id, ForeignKey("photos.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[str] = mapped_column(Id, ForeignKey("photos.id", ondelete="CASCADE"), primary_key=True, index=True)
    distance: Mapped[int]
