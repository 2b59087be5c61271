"""In which order statements are put to somebody: what matters more, and what few have seen yet, comes sooner.

The priority is that of Polis, as published in its source (`math/src/polismath/math/conversation.clj`, importance and
priority metric): the importance of a statement is high where few pass on it, many agree, and it pulls people apart;
one that few have voted on is raised up to nine times, which fades with every vote.
"""

import math
from hashlib import blake2b
from typing import Any

_NEW, _FADES = 8, 5


def priority(agrees: int, passes: int, seen: int, extremity: float) -> float:
    """How much it matters that somebody votes on it now; greater than 0."""
    importance = (1 - (passes + 1) / (seen + 2)) * (extremity + 1) * (agrees + 1) / (seen + 2)
    return float((importance * (1 + _NEW * 2 ** (-seen / _FADES))) ** 2)


def weight(row: Any, account_id: str) -> float:
    """Its place in the order for one person, the highest first: at random, by its priority, and the same each time.

    Of weights `log(u) / priority` with even `u` the highest is each one's with a chance in proportion to its priority
    (Efraimidis and Spirakis, 2006).
    """
    seen = row.agrees + row.disagrees + row.passes
    drawn = int.from_bytes(blake2b(f"{account_id}{row.id}".encode(), digest_size=8).digest(), "big")
    even = (drawn + 1) / (2**64 + 1)
    return math.log(even) / priority(row.agrees, row.passes, seen, row.extremity)
