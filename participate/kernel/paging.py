"""Keyset pages: a cursor says where the last page ended, so that no page costs more than the first."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

import orjson
from marshmallow import fields
from sqlalchemy import BigInteger, ColumnElement, Integer, String, bindparam, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from participate.kernel.db import AnyRow, AnySelect, UtcTime, UuidText, rows
from participate.kernel.errors import Fault, Invalid
from participate.kernel.ids import is_id
from participate.kernel.shapes import Shape, WholeText, between, length

MAX_LIMIT = 100
DEFAULT_LIMIT = 20


class PageQuery(Shape):
    """The parameters of every list."""

    limit = WholeText(load_default=DEFAULT_LIMIT, validate=between(1, MAX_LIMIT))
    cursor = fields.String(load_default=None, validate=length(1, 500))


def page(
    statement: AnySelect,
    keys: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]],
    present: Callable[[AnyRow], dict[str, Any]],
    limit: int,
    cursor: str | None,
    descending: bool = False,
    parameters: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One page `{"items", "next"}` of `statement` in the order of `keys`, which are among its columns.

    The keys together are unique and one index holds them in this order. A list that is asked for often gives the
    same statement each time, and what differs as `parameters`. Raises Invalid for a cursor that this list never gave.
    """
    values = {"page_rows": limit + 1} | (parameters or {})
    if cursor is not None:
        given = zip(_decode(cursor, len(keys)), keys, strict=True)
        values |= {f"page_{n}": _typed(value, key) for n, (value, key) in enumerate(given)}
    found = rows(_turned_to(statement, tuple(keys), descending, cursor is None), values)
    more = len(found) > limit
    last = [getattr(found[limit - 1], str(key.key)) for key in keys] if more else []
    return {"items": [present(row) for row in found[:limit]], "next": _encode(last) if more else None}


@lru_cache(maxsize=256)
def _turned_to(statement: AnySelect, keys: tuple[Any, ...], descending: bool, first: bool) -> AnySelect:
    """The statement of the first page, or of a later one; kept, since building one takes longer than running it."""
    if not first:
        held = tuple_(*(bindparam(f"page_{n}", type_=key.type) for n, key in enumerate(keys)))
        statement = statement.where(tuple_(*keys) < held if descending else tuple_(*keys) > held)
    order = [key.desc() if descending else key.asc() for key in keys]
    return statement.order_by(*order).limit(bindparam("page_rows"))


def _typed(value: Any, key: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Any:
    """A cursor's value as its column's type; a cursor comes from outside, so nothing about it is taken on trust."""
    try:
        return _READERS[type(key.type)](value)
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise _bad_cursor() from error


def _read_text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError
    return value


def _read_id(value: Any) -> str:
    if not isinstance(value, str) or not is_id(value):
        raise ValueError
    return value


def _read_whole(value: Any, bits: int = 32) -> int:
    # True is an int to Python, but no number to PostgreSQL.
    if type(value) is not int or abs(value) >= 2 ** (bits - 1):
        raise TypeError
    return value


def _read_moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


_READERS: dict[type, Callable[[Any], Any]] = {
    String: _read_text,
    UuidText: _read_id,
    Integer: _read_whole,
    BigInteger: partial(_read_whole, bits=64),
    UtcTime: _read_moment,
}


def _encode(values: Sequence[Any]) -> str:
    return urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def _decode(cursor: str, width: int) -> list[Any]:
    try:
        values = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise _bad_cursor() from error
    if not isinstance(values, list) or len(values) != width:
        raise _bad_cursor()
    return values


def _bad_cursor() -> Invalid:
    return Invalid(Fault("cursor", "cursor"))
