"""How a photo travels to the process that decodes it, and what became of it back: JSON, and bytes that it describes.

No pickle: what comes back was made by a process that a hostile photo may have taken over.
"""

import json
import struct
from dataclasses import fields
from datetime import datetime
from typing import IO, Any

from participate.photos.outcome import Decoded, Reason, Refused

_LENGTHS = struct.Struct(">II")
_PICTURES = [field.name for field in fields(Decoded) if field.type is bytes]

Parcel = tuple[dict[str, Any], bytes]


def sealed(label: dict[str, Any], content: bytes = b"") -> bytes:
    """A label and its content as one piece of bytes."""
    text = json.dumps(label).encode()
    return _LENGTHS.pack(len(text), len(content)) + text + content


def opened(stream: IO[bytes]) -> Parcel | None:
    """The next parcel of `stream`; None where it ends before the parcel does. Raises ValueError for a torn label."""
    beginning = stream.read(_LENGTHS.size)
    if len(beginning) < _LENGTHS.size:
        return None
    lengths = _LENGTHS.unpack(beginning)
    text, content = (stream.read(length) for length in lengths)
    return (json.loads(text), content) if (len(text), len(content)) == lengths else None


def packed(outcome: Decoded | Refused) -> bytes:
    """What became of a photo, as a parcel."""
    if isinstance(outcome, Refused):
        return sealed({"refused": outcome.code.value})
    told = {name: getattr(outcome, name) for name in (field.name for field in fields(Decoded)) if name not in _PICTURES}
    told["taken_at"] = outcome.taken_at.isoformat() if outcome.taken_at else None
    pictures = [getattr(outcome, name) for name in _PICTURES]
    return sealed({"decoded": told, "lengths": [len(picture) for picture in pictures]}, b"".join(pictures))


def unpacked(label: dict[str, Any], content: bytes) -> Decoded | Refused:
    """What `packed` has packed."""
    if "refused" in label:
        return Refused(Reason(label["refused"]))
    told, at = dict(label["decoded"]), 0
    told["taken_at"] = datetime.fromisoformat(told["taken_at"]) if told["taken_at"] else None
    told["position"] = tuple(told["position"]) if told["position"] else None
    for name, length in zip(_PICTURES, label["lengths"], strict=True):
        told[name], at = content[at : at + length], at + length
    return Decoded(**told)
