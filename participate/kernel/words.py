"""What people read: every room keeps its words in `words.json`, zh-Hans first and English beside it.

What one variant of a thing says in terms of its own stands beside them in `words.<variant>.json`, under the same keys.
A city's folder has files of the same names, whose words take the place of those that come with the service.
"""

import json
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from string import Formatter
from typing import Any

from participate.config import BadSettings

LANGUAGES = ("zh-Hans", "en")
DEFAULT = LANGUAGES[0]
LONGEST = 600  # characters of a text, unfilled
_GENERAL = "words.json"

Words = dict[str, dict[str, str]]

_words: Words = {}
_log = logging.getLogger(__name__)


class BadWords(BadSettings):
    """Words that cannot be said; the message names every cell."""


@dataclass(frozen=True)
class Offer:
    """Which places a cell's text must have, and which it may have besides, since values are there to fill them."""

    needed: frozenset[str]
    more: frozenset[str] = frozenset()


def take(rooms: Path, city: Path | None, variants: Collection[str], offers: Mapping[str, Offer]) -> None:
    """Speak by the words of all `rooms`, and before these by those of the `city`.

    `offers` says by key what values there are, of all that a variant may say otherwise; of other keys, the text that
    comes with the service says it. Raises BadWords naming each cell with a language, a place or braces amiss, and each
    that nothing ever asks for; the service then speaks on as before.
    """
    global _words
    faults, found = list[str](), dict[str, Words]()
    names = (_GENERAL, *(f"words.{variant}.json" for variant in sorted(variants)))
    for name in names:
        found[name] = {}
        for path in sorted(rooms.glob(f"*/{name}")):
            found[name] |= _read(path, faults)
    known = dict(offers) | {
        key: Offer(_places(texts.get(DEFAULT, ""))) for key, texts in found[_GENERAL].items() if key not in offers
    }
    if city is not None:
        faults += [f"{path.name}: is none of {', '.join(names)}" for path in _others(city, names)]
        for name in names:
            found[name] |= _read(city / name, faults) if (city / name).exists() else {}
    for name in names:
        faults += _faults(name, found[name], known if name == _GENERAL else offers)
    if faults:
        raise BadWords("\n".join(faults))
    _words = found[_GENERAL] | {
        f"{key}.{name.split('.')[1]}": texts for name in names[1:] for key, texts in found[name].items()
    }
    edition.cache_clear()


@cache
def edition() -> str:
    """Changes when any word does: for whoever must know that an answer would read the same without making it."""
    return blake2b(json.dumps(_words, sort_keys=True).encode(), digest_size=8).hexdigest()


def _others(folder: Path, names: Collection[str]) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*.json")) if path.name not in names)


def _read(path: Path, faults: list[str]) -> Words:
    """The cells of one file; what is no cell is a fault."""
    try:
        held = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        faults.append(f"{path.name}: {error}")
        return {}
    if not isinstance(held, dict):
        faults.append(f"{path.name}: an object of keys is wanted")
        return {}
    bad = [key for key, texts in held.items() if not _is_cell(texts)]
    faults += [f"{path.name}: {key}: a text for each of {', '.join(LANGUAGES)} is wanted" for key in bad]
    return {key: texts for key, texts in held.items() if key not in bad}


def _is_cell(texts: Any) -> bool:
    return (
        isinstance(texts, dict)
        and set(texts) == set(LANGUAGES)
        and all(isinstance(text, str) and text.strip() and len(text) <= LONGEST for text in texts.values())
    )


def _faults(name: str, cells: Words, known: Mapping[str, Offer]) -> Iterator[str]:
    for key, texts in cells.items():
        if key not in known:
            yield f"{name}: {key}: nothing asks for these words"
            continue
        for language, text in texts.items():
            yield from (f"{name}: {key} ({language}): {what}" for what in _amiss(text, known[key]))
        if len({_places(text) for text in texts.values()}) > 1:
            yield f"{name}: {key}: has other places in one language than in the other"


def _amiss(text: str, offer: Offer) -> Iterator[str]:
    try:
        parsed = list(Formatter().parse(text))
    except ValueError as error:
        yield str(error).lower()
        return
    named = {name for _, name, _, _ in parsed if name is not None}
    yield from (f"lacks {{{place}}}" for place in sorted(offer.needed - named))
    yield from (f"knows no {{{place}}}" for place in sorted(named - offer.needed - offer.more))
    if any(form or conversion for _, _, form, conversion in parsed):
        yield "a place is a name and nothing else"


def _places(text: str) -> frozenset[str]:
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    except ValueError:
        return frozenset()


def say(key: str, language: str, **values: object) -> str:
    """The text of `key` in `language` with its places filled; the key itself where no word is known."""
    texts = _words.get(key)
    if texts is None:
        _log.error("no words", extra={"key": key})
        return key
    return texts.get(language, texts[DEFAULT]).format_map(values)


def known(key: str) -> bool:
    """Whether `key` has words."""
    return key in _words


def nearest(key: str, variant: str | None) -> str:
    """The key under which a variant speaks in terms of its own; `key` itself where it has none."""
    own = f"{key}.{variant}"
    return own if own in _words else key


def pick(wanted: Iterable[str]) -> str:
    """The first language we speak among BCP 47 tags in order of preference; zh-Hans where there is none."""
    for tag in wanted:
        primary = tag.lower().split("-")[0]
        if primary in {"zh", "en"}:
            return "en" if primary == "en" else DEFAULT
    return DEFAULT
