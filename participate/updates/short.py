"""What a text message says of a step: one part of it, whatever is put into it."""

import unicodedata
from datetime import datetime
from typing import Any

from participate.kernel.context import settings
from participate.kernel.words import known, nearest, say
from participate.submissions import telling
from participate.submissions.kinds import SEALED

PART = 70  # characters, as UTF-16 counts them: what one part takes in UCS-2 (3GPP TS 23.038).
TITLE = 12  # So much of a title tells one's own matters apart.
_LEAST = 4  # A title that would be shorter than that says nothing.
MORE = "…"
_NOTICES = {"step.broadcast.announce"}


def short(  # Plain values, as an entry of a feed holds them.
    words: str,
    language: str,
    kept: dict[str, Any],
    following: str | None = None,
    due_at: datetime | None = None,
) -> str:
    """What happened, and as far as there is room: in which matter, by when something comes next, and what.

    The note stays out: it is for whoever has signed in. So does the title of what is sealed. Of a notice to an area,
    the note is all there is to say.
    """
    if words in _NOTICES:
        return shortened(_line(telling.text(words, language, kept)), PART)
    title = "" if kept.get("kind") == SEALED else _line(kept.get("title") or "")
    cut = shortened(title, TITLE)
    told = body(words, language, kept | {"title": cut})
    room = min(PART - size(say("short.titled", language, title="", text=told)), TITLE)
    if title and cut not in told and room >= min(_LEAST, size(title)):
        told = say("short.titled", language, title=shortened(title, room), text=told)
    if due_at is not None and following is not None and day_of(due_at) not in told:
        told = _with(told, say("short.due", language, day=day_of(due_at)), language)
    return _with(told, telling.spoken(following, language, kept), language) if following else told


def day_of(moment: datetime) -> str:
    """As the city's calendar says it."""
    return moment.astimezone(settings().timezone).date().isoformat()


def body(words: str, language: str, kept: dict[str, Any]) -> str:
    """What happened, in one part at most: in the kind's own terms where these fit, and cut off where none do."""
    candidates = [telling.spoken(key, language, kept | {"kind": None}) for key in _keys(words, kept.get("kind"))]
    return next((told for told in candidates if size(told) <= PART), shortened(candidates[0], PART))


def _keys(words: str, kind: str | None) -> list[str]:
    """The cells that may be said, the best first: a kind's own before those for all.

    Where a kind has words of its own, those of all kinds' feeds are not said in their place.
    """
    texting = words.replace("step.", "sms.", 1)
    keys = [nearest(texting, kind), nearest(words, kind), texting]
    return [key for key in dict.fromkeys(keys) if known(key)] or [words]


def size(text: str) -> int:
    """How many characters of a part it takes: those beyond the basic plane count twice."""
    return len(text.encode("utf-16-le")) // 2


def _line(text: str) -> str:
    """A title on one line."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def shortened(text: str, room: int) -> str:
    """As much of it as there is room for; no sign is parted from its marks."""
    if size(text) <= room:
        return text
    kept = list(text)
    while kept and size("".join(kept)) > room - len(MORE):
        kept.pop()
    left = text[len(kept) :]
    while kept and left and (unicodedata.combining(left[0]) or unicodedata.category(left[0]) in {"Mn", "Me", "Cf"}):
        left = kept.pop() + left
    return "".join(kept).rstrip() + MORE


def _with(told: str, more: str, language: str) -> str:
    longer = say("short.joined", language, text=told, more=more)
    return longer if size(longer) <= PART else told
