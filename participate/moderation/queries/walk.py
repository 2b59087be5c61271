"""The queue on PostgreSQL, narrowed to anything: the next tasks one by one, then ever wider windows of positions."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, Integer, Text, TextClause, bindparam, column, text
from sqlalchemy.types import TypeEngine

from participate.kernel.db import Id, UtcTime
from participate.kernel.paging import MAX_LIMIT
from participate.moderation.models import WIDTHS, WINDOWS

NEAR = 256  # are looked through one by one before the index is asked
FOUND = (column("task_id", Id), column("position", BigInteger))

# One statement. What is often asked for is found among the next few tasks in the order of the queue, of which no more
# are read than fill the page. Else each step asks the index for what one window of positions holds, the next a far
# wider one, until the page is full. The index joins marks, words and window before a row is read, so a step costs what
# it finds. The first window holds no more than have just been looked through, and as many ahead: how far apart these
# stand would say little, since what comes in a night is due at one moment, and a window that holds a night holds too
# much.
# `+ 0`, OFFSET 0 and the sub-SELECTs keep the planner to that: it does not know how little a window holds. It is not
# shown the values either: else it would plan anew for each of them, which takes longer than all the rest.
_WALK = """
WITH RECURSIVE given AS MATERIALIZED (
    SELECT {given}, CAST(:page_rows AS integer) AS page_rows,
        greatest(CAST(:page_0 AS bigint), {low} - 1) AS after,
        CASE WHEN CAST(:page_0 AS bigint) >= {low} THEN CAST(:page_1 AS uuid)
            ELSE CAST('ffffffff-ffff-ffff-ffff-ffffffffffff' AS uuid) END AS after_id
), those AS MATERIALIZED (
    SELECT n.position, n.task_id
    FROM (SELECT position, task_id, marks, bigrams {following} LIMIT {near}) AS n
    CROSS JOIN LATERAL (SELECT FROM {fits} WHERE t.id = n.task_id {asked_near} {fit} OFFSET 0) AS fits
    ORDER BY n.position, n.task_id LIMIT (SELECT page_rows FROM given)
), edge AS MATERIALIZED (
    SELECT position, task_id {following} LIMIT 1 OFFSET {near} - 1
), walk (step, start, found, ids, positions) AS (
    SELECT (SELECT coalesce(max(n), 1) FROM unnest(CAST('{{{widths}}}' AS integer[])) WITH ORDINALITY AS w (bits, n)
            WHERE (edge.position >> bits) << bits > (SELECT after FROM given)
                AND ((edge.position >> bits) + 1) << bits <= ahead.position),
        edge.position, (SELECT count(*) FROM those), CAST(ARRAY[] AS uuid[]), CAST(ARRAY[] AS bigint[])
    FROM edge
    CROSS JOIN LATERAL (SELECT coalesce((
        SELECT position FROM moderation_waiting w WHERE w.position > edge.position
        ORDER BY position LIMIT 1 OFFSET {near}
    ), {end}) AS position OFFSET 0) AS ahead
    WHERE (SELECT count(*) FROM those) < (SELECT page_rows FROM given)
    UNION ALL
    SELECT step + 1, ((win.at >> win.bits) + 1) << win.bits, found + cardinality(hits.ids), hits.ids, hits.positions
    FROM walk
    CROSS JOIN LATERAL (
        SELECT at, bits, ((at >> bits) << 4) | (least(step, {last}) - 1) AS mark
        FROM (SELECT position AS at FROM moderation_waiting
              WHERE position >= walk.start AND position < (SELECT high FROM given)
              ORDER BY position LIMIT 1) AS following
        CROSS JOIN LATERAL (
            SELECT (CAST('{{{widths}}}' AS integer[]))[least(step, {last})] AS bits OFFSET 0
        ) AS width OFFSET 0
    ) AS win
    CROSS JOIN LATERAL (SELECT
        coalesce(array_agg(task_id), '{{}}') AS ids, coalesce(array_agg(position), '{{}}') AS positions
    FROM (
        SELECT candidate.task_id, candidate.position
        FROM (
            SELECT position + 0 AS position, task_id FROM moderation_waiting w
            WHERE ARRAY[{windows}] @> ARRAY[win.mark] {asked}
            ORDER BY position + 0, task_id
        ) AS candidate
        CROSS JOIN LATERAL (SELECT FROM {fits} WHERE t.id = candidate.task_id {fit} OFFSET 0) AS fits
        WHERE candidate.position >= win.at AND candidate.position < (SELECT high FROM given)
            AND (candidate.position, candidate.task_id) > (SELECT position, task_id FROM edge)
        ORDER BY candidate.position, candidate.task_id LIMIT (SELECT page_rows FROM given)
    ) AS hit OFFSET 0) AS hits
    WHERE found < (SELECT page_rows FROM given)
)
SELECT task_id, position FROM those UNION ALL SELECT unnest(ids), unnest(positions) FROM walk
"""
_FOLLOWING = """
        FROM moderation_waiting
        WHERE (position, task_id) > ((SELECT after FROM given), (SELECT after_id FROM given))
            AND position < (SELECT high FROM given)
        ORDER BY position, task_id"""
_PAGE = "ORDER BY position, task_id LIMIT (SELECT CAST(:page_rows AS integer))"
_MINE_TO_SEE = """
    AND t.state = 'waiting'
    AND (SELECT me FROM given) NOT IN (t.author_id, coalesce(t.not_by, t.author_id), coalesce(t.nor_by, t.author_id))
    AND (t.about_unit IS NULL OR t.about_unit <> ALL (CAST((SELECT units FROM given) AS uuid[])))
    AND (t.kind <> 'micro_supervision' OR NOT EXISTS (
        SELECT FROM supervision_bars b
        WHERE b.submission_id = t.submission_id AND (
            b.who = (SELECT me FROM given) OR b.who = ANY (CAST((SELECT units FROM given) AS uuid[]))
            OR b.who IN (SELECT a.account_id FROM absences a
                         WHERE a.deputy_id = (SELECT me FROM given) AND a.ended_at IS NULL))))
    AND (t.area ^@ ANY (CAST((SELECT areas FROM given) AS text[])) OR (SELECT nowhere FROM given) AND t.area IS NULL)
"""
_FREE = """
    AND (t.claimed_by IS NULL OR t.claimed_by = (SELECT me FROM given) OR t.lease_until <= (SELECT now FROM given))
"""
_SAID = " AND NOT EXISTS (SELECT FROM unnest((SELECT words FROM given)) AS u (word) WHERE strpos(s.text, word) = 0)"
_ASKED = {
    "within": "AND {of}.marks && (SELECT within FROM given)",
    "marks": "AND {of}.marks @> (SELECT marks FROM given)",
    "pairs": "AND {of}.bigrams @> (SELECT pairs FROM given)",
}
_FIXED = {
    "end": (1 << 63) - 1,
    "following": _FOLLOWING,
    "last": len(WIDTHS),
    "widths": ",".join(map(str, WIDTHS)),
    "windows": WINDOWS,
}
_TEXTS = "moderation_tasks t JOIN submission_texts s ON s.submission_id = t.submission_id"


@lru_cache(maxsize=64)
def walk(ranges: int, within: bool, marked: bool, worded: bool, free: bool) -> TextClause:
    """The ids and positions of the tasks that wait and are asked for, as many as a page has, behind that of `:page_0`.

    Of the positions in each of `ranges`, from `:low_0` to before `:high_0` and so on; `within` the areas that bear one
    of `:within`, `marked` with all of `:marks`, holding all `:pairs` and `:words` where it is `worded`.
    """
    types = dict(_types(within, marked, worded, free))
    asked = [name for name, is_asked in (("marks", marked), ("pairs", worded), ("within", within)) if is_asked]
    walks = [
        _WALK.format(
            given=", ".join([*(f":{name} AS {name}" for name in types), f":high_{n} AS high"]),
            low=f":low_{n}",
            fits=_TEXTS if worded else "moderation_tasks t",
            fit=_MINE_TO_SEE + (_FREE if free else "") + (_SAID if worded else ""),
            asked=" ".join(_ASKED[name].format(of="w") for name in asked),
            asked_near=" ".join(_ASKED[name].format(of="n") for name in asked),
            near=NEAR,
            **_FIXED,
        )
        for n in range(ranges)
    ]
    ends = {f"{end}_{n}": BigInteger() for n in range(ranges) for end in ("low", "high")}
    given = (bindparam(name, type_=kind) for name, kind in (types | ends).items())
    page = (
        bindparam("page_0", None, BigInteger),
        bindparam("page_1", None, Id),
        bindparam("page_rows", MAX_LIMIT + 1, Integer),
    )
    return text(f"{' UNION ALL '.join(f'({each})' for each in walks)} {_PAGE}").bindparams(*page, *given)


def _types(within: bool, marked: bool, worded: bool, free: bool) -> Iterator[tuple[str, TypeEngine[Any]]]:
    """What the statement is run with besides the page and the ranges, each with its type."""
    yield "me", Id
    yield "units", ARRAY(Id)
    yield "areas", ARRAY(Text)
    yield "nowhere", Boolean()
    if within:
        yield "within", ARRAY(Text)
    if marked:
        yield "marks", ARRAY(Text)
    if worded:
        yield "pairs", ARRAY(Integer)
        yield "words", ARRAY(Text)
    if free:
        yield "now", UtcTime()
