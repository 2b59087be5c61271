"""Folds a text so that what only looks different is the same: for comparing alone, what is stored never changes."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_LETTER = re.compile(rf"[a-z0-9{_HAN}]")
_BETWEEN = r"\s.*·・•_\-—~|/\\+`'\"^#&@"
# Letters that stand one by one: v x 1 2 3, but not the words of a sentence.
_SPACED = re.compile(rf"(?<![a-z0-9])(?:[a-z0-9{_HAN}][{_BETWEEN}]{{1,3}}){{2,}}[a-z0-9{_HAN}](?![a-z0-9])")
# 发*票 and 发 票: Chinese has nothing between the characters of a word. A new line may begin another sentence.
_PARTED = re.compile(rf"(?<=[{_HAN}])(?:(?!\n)[{_BETWEEN}]){{1,3}}(?=[{_HAN}])")
_LONGEST = 4  # characters: of what one character stands for; a ligature of eighteen is no disguise.


@dataclass(frozen=True)
class Folded:
    """A folded `text`, and where in the original each of its characters stood."""

    text: str
    places: tuple[int, ...]
    original: str

    def quote(self, start: int, end: int) -> str:
        """The original words behind a stretch of the folded text."""
        return self.original[self.places[start] : self.places[end - 1] + 1]

    @cached_property
    def joined(self) -> "Folded":
        """The same without what stands between letters that stand one by one."""
        gone = set[int]()
        for pattern in (_SPACED, _PARTED):
            for stretch in pattern.finditer(self.text):
                gone.update(n for n in range(*stretch.span()) if not _LETTER.match(self.text[n]))
        if not gone:
            return self
        kept = [n for n in range(len(self.text)) if n not in gone]
        return Folded("".join(self.text[n] for n in kept), tuple(self.places[n] for n in kept), self.original)


@cache
def _converter() -> Any:
    import opencc  # noqa: PLC0415 - dictionaries, for the worker alone

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=20_000)
def _folded(character: str) -> str:
    """Compatible forms alike, lower case, simplified; nothing for what has no width, turns the text round
    or is half a character."""
    if unicodedata.category(character) in {"Cf", "Mn", "Cc", "Cs"} and character not in "\n\t":
        return ""
    plain = unicodedata.normalize("NFKC", character).casefold()
    if len(plain) > _LONGEST:
        return character
    simple: str = _converter().convert(plain) if any("\u3400" <= each <= "\u9fff" for each in plain) else plain
    return simple


def fold(text: str) -> Folded:
    """The text folded character by character."""
    pairs = [(each, place) for place, character in enumerate(text) for each in _folded(character)]
    return Folded("".join(each for each, _ in pairs), tuple(place for _, place in pairs), text)


def letters(text: str) -> str:
    """Its letters and digits alone, folded: what is left when only looks differ."""
    return "".join(each for each in fold(text).text if each.isalnum())
