"""Bodies in parts (multipart/form-data): those that a route takes, and no others, so that none is lost unnoticed."""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from flask import request

from participate.kernel.errors import Fault, Invalid

MULTIPART = "multipart/form-data"
_JSON = "submission"


def json_part() -> bytes:
    """The JSON that travels beside files, as a field or as a file part."""
    if _JSON in request.form:
        return request.form[_JSON].encode("utf-8", "surrogatepass")
    return bytes(request.files[_JSON].read())


def with_parts(view: Callable[..., Any], described: Mapping[str, Any]) -> Callable[..., Any]:
    """`view`, which takes the parts that `described` names as an object's properties: files, and the JSON.

    Raises Invalid for a body that lacks a required part, has another than these, a file without a file name, or twice
    what there is one of.
    """

    @wraps(view)
    def read(*args: Any, **kwargs: Any) -> Any:
        if request.mimetype == MULTIPART:
            found = list(_faults(described))
            if found:
                raise Invalid(*found)
        return view(*args, **kwargs)

    return read


def _faults(described: Mapping[str, Any]) -> Iterator[Fault]:
    names = dict.fromkeys((*request.form, *request.files))
    for name in described["required"]:
        if name not in names:
            yield Fault(name, "required")
    for name in names:
        wanted = described["properties"].get(name or "")
        if wanted is None:
            yield Fault(name or "", "unknown")
        elif wanted.get("items", wanted).get("format") == "binary" and name in request.form:
            yield Fault(name, "type")
        elif wanted["type"] != "array" and len(request.form.getlist(name)) + len(request.files.getlist(name)) > 1:
            yield Fault(name, "named_twice")
