"""Writes out the characters that hide in a text, or turn it round, so that a moderator sees what it is made of."""

import re
import unicodedata

# Marks, embeddings, overrides and isolates of direction (UAX #9), characters without a width, and tags.
_HIDDEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
# These join emoji, and letters of scripts that are written joined: there they hide nothing.
_JOINERS = {"\u200c", "\u200d"}
_JOINED = {"So", "Sk", "Mn", "Mc", "Lo"}
_HAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def visible(text: str) -> str:
    """`text` with each of these as `\\u202E`: for eyes alone, since what is stored stays as it was written."""
    return _HIDDEN.sub(lambda found: _shown(found, text), text)


def _shown(found: re.Match[str], text: str) -> str:
    character, before = found[0], text[found.start() - 1 : found.start()]
    if character in _JOINERS and before and not _HAN.match(before) and unicodedata.category(before) in _JOINED:
        return character
    return f"\\u{ord(character):04X}"
