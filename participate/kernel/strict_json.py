"""JSON as RFC 8259 has it, and nothing that only some parsers take."""

import json
import math
from typing import Any

from participate.kernel.errors import Fault, Unreadable

MAX_DEPTH = 32
# More than a float holds; a longer number, like 1e999, is taken for infinite, and so refused where it stands.
MAX_DIGITS = 300


def loads(data: bytes) -> Any:
    """The value that `data` (UTF-8) holds.

    Raises Unreadable, with the line and column or the path of the fault, for bytes that are no UTF-8, for NaN
    and infinities (also by overflow), a name given twice, NUL, lone surrogates and nesting over 32 levels.
    """
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except json.JSONDecodeError as error:
        raise _unreadable("json_syntax", f"{error.lineno}:{error.colno}") from error
    except UnicodeDecodeError as error:
        raise _unreadable("json_not_utf8", f"byte {error.start}") from error
    except RecursionError as error:
        raise _unreadable("json_too_deep", "") from error
    _inspect(value, "", 1)
    return value


def _unreadable(code: str, where: str) -> Unreadable:
    return Unreadable("unreadable_json", (Fault(_printable(where), code),))


class _Twins(dict[str, Any]):
    """An object that names `twin` twice; kept until its path is known."""

    twin: str


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    twins = _Twins(found)
    twins.twin = next(name for name in found if names.count(name) > 1)
    return twins


def _whole(digits: str) -> float:
    return int(digits) if len(digits) <= MAX_DIGITS else math.inf


def _inspect(value: Any, path: str, depth: int) -> None:
    """Refuse what the grammar lets through and no store or reader can keep."""
    if isinstance(value, str):
        _inspect_text(value, path)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _unreadable("json_value", path)
    elif isinstance(value, (dict, list)):
        if depth > MAX_DEPTH:
            raise _unreadable("json_too_deep", path)
        if isinstance(value, _Twins):
            raise _unreadable("json_duplicate", _inside(path, value.twin))
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            here = _inside(path, key)
            _inspect_text(str(key), here)
            _inspect(item, here, depth + 1)


def _inside(path: str, key: str | int) -> str:
    return f"{path}.{key}" if path else str(key)


def _inspect_text(text: str, path: str) -> None:
    if "\0" in text:
        raise _unreadable("json_nul", path)
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise _unreadable("json_surrogate", path)


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()[:80]


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole)
