"""What people read: every room keeps its words in `words.json`, zh-Hans first and English beside it."""

import json
import logging
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from pathlib import Path

LANGUAGES = ("zh-Hans", "en")
DEFAULT = LANGUAGES[0]

_words: dict[str, dict[str, str]] = {}
_log = logging.getLogger(__name__)


def load(path: Path) -> None:
    """Add the words of one room: `{key: {language: text}}`, with `{placeholders}` in the texts."""
    _words.update(json.loads(path.read_text(encoding="utf-8")))
    edition.cache_clear()


@cache
def edition() -> str:
    """Changes when any word does: for whoever must know that an answer would read the same without making it."""
    return blake2b(json.dumps(_words, sort_keys=True).encode(), digest_size=8).hexdigest()


def say(key: str, language: str, **values: object) -> str:
    """The text of `key` in `language` with its placeholders filled; the key itself where no word is known."""
    texts = _words.get(key)
    if texts is None:
        _log.error("no words", extra={"key": key})
        return key
    return texts.get(language, texts[DEFAULT]).format_map(values)


def known(key: str) -> bool:
    """Whether `key` has words."""
    return key in _words


def pick(wanted: Iterable[str]) -> str:
    """The first language we speak among BCP 47 tags in order of preference; zh-Hans where there is none."""
    for tag in wanted:
        primary = tag.lower().split("-")[0]
        if primary in {"zh", "en"}:
            return "en" if primary == "en" else DEFAULT
    return DEFAULT
