"""Search on PostgreSQL, newest first: ever wider windows of texts are asked until a page is full."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Integer, String, Subquery, TextClause, bindparam, column, text

# Texts are numbered as they come. A window of each width holds so many of them, in powers of two; each is eight times
# as wide as the one before, so that a page is full after a few.
_WIDTHS = (8, 11, 14, 17, 20)
_NAMES = "abcde"
# How long the codes are by which an area finds what lies below it.
AREAS = (2, 4, 6, 9, 12, 15, 18)
_EVERYTHING = 2**31 - 1

# By what else than its words the index knows a text: the window of each width that it lies in, and the areas. Which
# area is unknown ("") until the row says so: rows of a release before do not. Migration 0010 has the same words: the
# index serves no others.
MARKS = ", ".join(
    [
        *(f"'{name}' || (rowid >> {width})::text" for name, width in zip(_NAMES, _WIDTHS, strict=True)),
        *(f"substr(area, 1, {length})" for length in AREAS),
        "coalesce(area, '')",
    ]
)

# One statement, in which each step reads one window and the next only comes if the page is not full. A window's
# candidates come from the index as numbers, the youngest first, and are looked at one by one until the page is full.
# `+ 0`, OFFSET 0 and the sub-SELECTs keep the planner to that: it does not know how few there are in a window, and
# would now and then rather read the table.
_WALK = """
WITH RECURSIVE walk (step, below, numbers, found) AS (
    SELECT 0, coalesce(CAST(:page_0 AS integer), (SELECT max(number) + 1 FROM submission_texts)),
        CAST(ARRAY[] AS integer[]), 0
    UNION ALL
    SELECT step + 1, place << bits, hits.numbers, found + cardinality(hits.numbers)
    FROM walk
    CROSS JOIN LATERAL (SELECT (CAST(:widths AS integer[]))[least(step, {last}) + 1] AS bits OFFSET 0) AS width
    CROSS JOIN LATERAL (
        SELECT (below - 1) >> bits AS place,
            substr('{names}', least(step, {last}) + 1, 1) || CAST((below - 1) >> bits AS text) AS mark OFFSET 0
    ) AS win
    CROSS JOIN LATERAL (SELECT ARRAY(
        SELECT candidate.number
        FROM (
            SELECT rowid + 0 AS number FROM submission_search
            WHERE bigrams @> CAST(:pairs AS integer[]) AND ARRAY[{marks}] @> ARRAY[mark] {marked}
            ORDER BY rowid + 0 DESC
        ) AS candidate
        CROSS JOIN LATERAL (
            SELECT FROM submission_texts t JOIN submissions s ON s.id = t.submission_id
            WHERE t.number = candidate.number AND s.public IS true {inside} {said} OFFSET 0
        ) AS fits
        WHERE candidate.number < below
        ORDER BY candidate.number DESC LIMIT :page_rows
    ) AS numbers OFFSET 0) AS hits
    WHERE below > 1 AND found < :page_rows
)
SELECT number FROM walk CROSS JOIN LATERAL unnest(numbers) AS n (number) ORDER BY number DESC LIMIT :page_rows
"""


def newest(pairs: Sequence[int], words: Sequence[str], area: tuple[str, str] | None) -> Subquery:
    """The numbers of the public texts that hold all `pairs` and `words`, in `area`, from `:page_0` down.

    `area` is a code of one of the lengths AREAS, and the code that comes behind all below it. As many as a page has,
    `:page_rows`: see `kernel.paging`. Without these two, all there are.
    """
    given: dict[str, Any] = {f"word_{n}": word for n, word in enumerate(words)} | {"pairs": list(pairs)}
    given |= {"code": area[0], "behind": area[1]} if area else {}
    return _walk(len(words), area is not None).bindparams(**given).columns(column("number", Integer)).subquery("found")


@lru_cache(maxsize=64)
def _walk(words: int, within: bool) -> TextClause:
    said = "".join(f" AND strpos(t.text, :word_{n}) > 0" for n in range(words))
    statement = _WALK.format(
        last=len(_WIDTHS) - 1,
        names=_NAMES,
        marks=MARKS,
        marked=f"AND ARRAY[{MARKS}] && ARRAY[CAST(:code AS text), '']" if within else "",
        inside="AND s.area >= :code AND s.area < :behind" if within else "",
        said=said,
    )
    typed: list[BindParameter[Any]] = [
        bindparam("widths", list(_WIDTHS), ARRAY(Integer)),
        bindparam("pairs", type_=ARRAY(Integer)),
        bindparam("page_0", None, Integer),
        bindparam("page_rows", _EVERYTHING, Integer),
        *(bindparam(f"word_{n}", type_=String) for n in range(words)),
        *(bindparam(name, type_=String) for name in ("code", "behind") if within),
    ]
    return text(statement).bindparams(*typed)
