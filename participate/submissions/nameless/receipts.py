"""Receipts of which only a hash is kept."""

from base64 import urlsafe_b64encode
from hashlib import sha256

_MARK = "#"  # No receipt begins so, hence nobody gives a hash for one.
_LENGTH = 40  # as much as the column holds: 234 bits


def kept(receipt: str) -> str:
    """What is kept of a receipt. It has 192 random bits, so that a plain hash cannot be guessed backwards."""
    return (_MARK + urlsafe_b64encode(sha256(receipt.encode()).digest()).decode())[:_LENGTH]


def forms(receipt: str) -> list[str]:
    """As what a receipt that somebody gives may be kept: as it is, where its holder has an account, or as a hash."""
    return [kept(receipt), *([] if receipt.startswith(_MARK) else [receipt])]
