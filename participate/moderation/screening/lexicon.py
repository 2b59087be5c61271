"""Words that a moderator should see first: found by Aho-Corasick in loadable lists, in the midst of no longer word."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from participate.config import BadSettings
from participate.moderation.screening.folding import Folded, letters
from participate.moderation.screening.found import Found

WORD = "word"
CODES = (WORD,)
_MOST = 3  # words quoted
_LONGEST = 40  # characters of a term
_LATIN = re.compile(r"[a-z0-9]")


class BadList(BadSettings):
    """A list that cannot be read; the message names file and line."""


class Hit(NamedTuple):
    """A term of a category, where it stands in the folded text."""

    start: int
    end: int
    category: str


class Lexicon:
    """The terms of all lists, folded as texts are."""

    def __init__(self, terms: dict[str, str], allowed: set[str]) -> None:
        import ahocorasick_rs  # noqa: PLC0415 - for the worker alone

        self._categories = list(terms.values()) + [""] * len(allowed)
        every = [*terms, *allowed]
        self._automaton: Any = ahocorasick_rs.AhoCorasick(every) if every else None

    def hits(self, text: str) -> Iterator[Hit]:
        """The terms in a folded text that no allowed word covers; Latin ones as whole words."""
        if self._automaton is None:
            return
        found = [
            Hit(start, end, self._categories[n])
            for n, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True)
        ]
        covers = sorted(hit for hit in found if not hit.category)
        starts, reach = [hit.start for hit in covers], list(accumulate((hit.end for hit in covers), max))
        for hit in found:
            before = bisect_right(starts, hit.start)  # Of all that begin no later, the one that ends last covers most.
            covered = before > 0 and reach[before - 1] >= hit.end
            if hit.category and not covered and _stands_alone(text, hit):
                yield hit


def _stands_alone(text: str, hit: Hit) -> bool:
    """A Latin term is no hit within a longer word."""
    before, after = text[max(0, hit.start - 1) : hit.start], text[hit.end : hit.end + 1]
    begins, ends = _LATIN.match(text[hit.start]), _LATIN.match(text[hit.end - 1])
    return not (begins and _LATIN.match(before)) and not (ends and _LATIN.match(after))


@lru_cache(maxsize=4)
def lexicon(folder: Path | None = None) -> Lexicon:
    """Our own lists and those of `folder`: `*.txt`, and `allowed*.txt` for words that cover terms. Raises BadList."""
    own = files(__package__) / "lists"
    terms = _terms("terms.txt", (own / "terms.txt").read_text(encoding="utf-8"))
    allowed = set(_terms("allowed.txt", (own / "allowed.txt").read_text(encoding="utf-8")))
    for path in sorted(folder.glob("*.txt")) if folder else []:
        read = _terms(path.name, _read(path))
        if path.name.startswith("allowed"):
            allowed |= set(read)
        else:
            terms |= read
    return Lexicon(terms, allowed - set(terms))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadList(f"{path.name}: cannot be read as UTF-8") from error


def _terms(name: str, text: str) -> dict[str, str]:
    """The terms of a list, each with its category: one a line, `term<TAB>category`; `#` begins a comment."""
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        term, _, category = line.partition("\t")
        if not term.strip() or term.startswith("#"):
            continue
        folded = letters(term)
        if not 2 <= len(folded) <= _LONGEST:
            raise BadList(f"{name}:{number}: a term has from 2 to {_LONGEST} letters")
        found[folded] = category.strip() or "other"
    return found


def words(text: Folded, held: Lexicon) -> Iterator[Found]:
    """One flag for all the terms in a text, quoting the first few as they were written."""
    quoted = dict[str, None]()
    for folded in (text, text.joined):
        quoted |= {folded.quote(hit.start, hit.end)[:_LONGEST]: None for hit in held.hits(folded.text)}
    if quoted:
        yield Found(WORD, "flag.word", {"words": "、".join(list(quoted)[:_MOST])})
