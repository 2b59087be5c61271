"""ETag, If-None-Match and If-Match: an ETag is `"<version>-<digest>"`, so one header serves reading and writing."""

import re
from hashlib import blake2b
from typing import Any

import orjson
from flask import Response, request

from participate.kernel.errors import Stale
from participate.kernel.problems import language
from participate.kernel.words import edition

_PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Language"}
_TAG = re.compile(r'"([0-9]{1,9})-[0-9a-f]+"')


def as_json(body: Any) -> bytes:
    """`body` as JSON; moments may stand in it as they are: in UTC they are written as RFC 3339 wants them."""
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)


def answer(
    body: Any, version: int = 0, status: int = 200, headers: dict[str, str] | None = None, tag: str | None = None
) -> Response:
    """`body` as JSON with its ETag; an empty 304 where the caller holds it already.

    Where there is a `tag`, see `tag_of`, it takes the place of one that is made of what is sent.
    """
    data = as_json(body)
    tag = tag or _tag(version, data)
    if request.method in {"GET", "HEAD"} and status == 200 and request.if_none_match.contains_weak(tag):
        status, data = 304, b""
    sent = {**_PRIVATE, "ETag": f'"{tag}"', **(headers or {})}
    return Response(data, status, sent, content_type="application/json")


def tag_of(*what: object) -> str:
    """The tag of an answer that reads the same as long as `what` it depends on does: so it need not be made to know."""
    return _tag(0, as_json([*map(str, what), request.query_string.decode("latin-1"), language(), edition()]))


def unchanged(tag: str) -> Response | None:
    """An empty 304 where the caller holds the answer with this tag; else None: it has to be made."""
    if not request.if_none_match.contains_weak(tag):
        return None
    return Response(status=304, headers={**_PRIVATE, "ETag": f'"{tag}"'})


def _tag(version: int, data: bytes) -> str:
    return f"{version}-{blake2b(data, digest_size=8).hexdigest()}"


def wanted_version() -> int | None:
    """The version that If-Match names, None where the caller names none or any.

    Raises Stale for an ETag that no answer here has ever carried.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    found = _TAG.fullmatch(header.strip())
    if found is None:
        raise Stale
    return int(found[1])
