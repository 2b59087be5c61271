"""Names for things: ordered ids for machines, short references for the phone, receipts that nobody guesses."""

import secrets
import uuid
from datetime import datetime

import uuid_utils
from stdnum.iso7064 import mod_37_36

# Thirty characters that are not taken for one another when read out. Thirty-one is prime, which is what lets
# the ISO/IEC 7064 hybrid scheme catch every single error and all but one in 435 swaps of neighbours.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFERENCE_LENGTH = 8


def new_id() -> str:
    """A UUIDv7 (RFC 9562 §5.7): unique, and in the order of making within this process."""
    return str(uuid_utils.uuid7())


def id_within(moment: datetime) -> str:
    """A UUIDv7 as though made at `moment`, whatever time it is: for what must not tell when it was made."""
    return str(uuid.UUID(int=uuid.UUID(first_id(moment)).int | secrets.randbits(76) & _RANDOM))


_RANDOM = ((1 << 12) - 1) << 64 | ((1 << 62) - 1)


def first_id(moment: datetime) -> str:
    """The lowest id that can have been made at `moment`: all lower ones are older (RFC 9562 §5.7)."""
    return str(uuid.UUID(int=int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | 0x2 << 62))


def made_at(identifier: str) -> float:
    """When an id of ours was made, in seconds since the epoch: it begins with the milliseconds (RFC 9562 §5.7)."""
    return (uuid.UUID(identifier).int >> 80) / 1000


def is_id(text: str) -> bool:
    """Whether `text` is a UUID in its canonical form."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def new_reference() -> str:
    """Nine characters in threes, the last a check character (ISO/IEC 7064, hybrid, over 30 characters)."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_REFERENCE_LENGTH))
    whole = body + mod_37_36.calc_check_digit(body, ALPHABET)
    return "-".join(whole[i : i + 3] for i in range(0, len(whole), 3))


def is_reference(text: str) -> bool:
    """Whether `text`, however spaced or cased, is a reference with the right check character."""
    compact = text.replace("-", "").replace(" ", "").upper()
    return len(compact) == _REFERENCE_LENGTH + 1 and bool(mod_37_36.is_valid(compact, ALPHABET))


def new_receipt() -> str:
    """An unguessable receipt: 192 random bits, safe in a URL."""
    return secrets.token_urlsafe(24)
