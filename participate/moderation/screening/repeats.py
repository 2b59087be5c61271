"""Texts that were sent in before, word for word or nearly, by the same account or by others."""

from collections.abc import Iterator

from participate.kernel.db import AnyRow
from participate.moderation.flags import Flag, flag
from participate.moderation.screening import prints
from participate.moderation.screening.subjects import Subject, others, text_of

REPEATED = "repeated_text"
CODES = (REPEATED,)
SHORTEST = 12  # letters: what is shorter, many say by themselves.
SHORTEST_NEAR = 24  # letters: in shorter texts a few words that all use make up too much.
NEAR = 0.7  # The share of bigrams in common (Jaccard) from which two texts are nearly the same.
_COMPARED = 20


def repeated(subject: Subject) -> Iterator[Flag]:
    """Whether the text has been sent in before, as far as the desk may know of that; it is kept for the next."""
    made = prints.of(subject.text)
    # First of all it is kept: of two that are looked through at once, at least one then finds the other.
    prints.keep(subject.row.id, subject.row.author_id, made)
    if len(subject.text) < SHORTEST:
        return
    same = [row.submission_id for row in prints.same(made) if row.submission_id != subject.row.id]
    found, why = others(subject.row, same), "same"
    if not found and len(subject.text) >= SHORTEST_NEAR:
        found, why = _nearly(subject, made), "near"
    if found:
        yield _flag(subject.row, found, why)


def _nearly(subject: Subject, made: prints.Print) -> list[AnyRow]:
    ids = [each for each in prints.nearly(made, _COMPARED + 1) if each != subject.row.id]
    mine = bigrams(subject.text)
    return [row for row in others(subject.row, ids[:_COMPARED]) if alike(mine, bigrams(text_of(row))) >= NEAR]


def bigrams(text: str) -> frozenset[str]:
    """All pairs of neighbouring letters."""
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of what is in either that is in both; 0 where there is nothing."""
    return len(one & other) / len(one | other) if one or other else 0.0


_OWN = {"same": "flag.repeated_text_own", "near": "flag.repeated_text_own_near"}
_MANY = {"same": "flag.repeated_text_many", "near": "flag.repeated_text_many_near"}


def _flag(row: AnyRow, found: list[AnyRow], why: str) -> Flag:
    """Of what the same account has sent in only how much: a reference would tell who wrote what is anonymous."""
    accounts = {other.author_id for other in found} - {row.author_id}
    if not accounts:
        return flag(REPEATED, _OWN[why], n=len(found))
    newest = max((other for other in found if other.author_id != row.author_id), key=lambda other: str(other.id))
    return flag(REPEATED, _MANY[why], accounts=len(accounts), reference=newest.reference)
