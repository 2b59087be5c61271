"""ETag, If-None-Match and If-Match: an ETag is `"<version>-<digest>"`, so one header serves reading and writing."""

import re
from hashlib import blake2b
from typing import Any

import orjson
from flask import Response, request

from participate.kernel.errors import Stale

_PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Language"}
_TAG = re.compile(r'"([0-9]{1,9})-[0-9a-f]+"')


def answer(body: Any, version: int = 0, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`body` as JSON with its ETag; an empty 304 where the caller holds it already.

    Moments may stand in it as they are: in UTC they are written as RFC 3339 wants them.
    """
    data = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    tag = f"{version}-{blake2b(data, digest_size=8).hexdigest()}"
    if request.method in {"GET", "HEAD"} and status == 200 and request.if_none_match.contains_weak(tag):
        status, data = 304, b""
    sent = {**_PRIVATE, "ETag": f'"{tag}"', **(headers or {})}
    return Response(data, status, sent, content_type="application/json")


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
