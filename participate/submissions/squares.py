"""What everybody sees in a few squares of the map: of each the newest that are open, and what was closed last."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, bindparam, column, func, literal_column, select, true

from participate.kernel.db import AnySelect, UtcTime, is_sqlite
from participate.submissions.models import Submission

MOST = 15  # As many as lie within 200 m in the north of China, where they are narrow.
OPEN_OF_EACH, _CLOSED_OF_EACH = 12, 6  # More nobody reads while typing; so a hot spot costs what any place does.
PLACED = (Submission.id, Submission.lat, Submission.lon)
_CLOSED: ColumnElement[str] = literal_column("'closed'")  # As the indexes say it.
IS_OPEN = (Submission.public.is_(True), Submission.state != _CLOSED)


def shown(count: int, one_by_one: bool) -> Iterator[AnySelect]:
    """The statements that together give PLACED of what is shown in `count` squares; see `named`.

    `since` is the moment from which on what was closed is shown. `one_by_one` where there is no LATERAL: on SQLite.
    """
    if one_by_one:
        for number in range(count):
            for newest in _newest(bindparam(f"tile_{number}")):
                yield select(newest.subquery())
        return
    tiles = func.unnest(bindparam("tiles", type_=ARRAY(Integer)))
    squares = tiles.table_valued(column("tile", Integer)).render_derived()
    for newest in _newest(squares.c.tile):
        each = newest.lateral()
        yield select(each).select_from(squares).join(each, true())


def named(tiles: Sequence[int]) -> dict[str, Any]:
    """The parameters that name the squares."""
    return {f"tile_{number}": tile for number, tile in enumerate(tiles)} if is_sqlite() else {"tiles": [*tiles]}


def _newest(tile: Any) -> tuple[AnySelect, AnySelect]:
    held, there = Submission, select(*PLACED).where(Submission.tile == tile)
    lately = held.updated_at >= bindparam("since", type_=UtcTime)
    closed = there.where(held.public.is_(True), held.state == _CLOSED, lately).order_by(held.updated_at.desc())
    return there.where(*IS_OPEN).order_by(held.id.desc()).limit(OPEN_OF_EACH), closed.limit(_CLOSED_OF_EACH)
