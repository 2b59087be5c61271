"""A bare client of tus 1.0.0, for tests that look at each answer."""

from base64 import b64encode
from hashlib import new
from random import Random
from typing import Any

from werkzeug.test import TestResponse

from tests.people import Person

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"
FILE = Random(7).randbytes(300_000)


def begin(who: Person, length: int, data: bytes | None = None, **headers: str) -> TestResponse:
    """POST /v1/uploads; `headers` as in `Upload_Metadata`."""
    given = TUS | {"Upload-Length": str(length)} | _spelled(headers)
    body: dict[str, Any] = {} if data is None else {"data": data, "content_type": PIECE}
    return who.request("POST", "/v1/uploads", headers=given, **body)


def go_on(who: Person, path: str, offset: int, data: bytes, **headers: str) -> TestResponse:
    """PATCH."""
    given = TUS | {"Upload-Offset": str(offset)} | _spelled(headers)
    return who.request("PATCH", path, headers=given, data=data, content_type=PIECE)


def look(who: Person, path: str) -> TestResponse:
    """HEAD."""
    return who.request("HEAD", path, headers=TUS)


def end(who: Person, path: str) -> TestResponse:
    """DELETE."""
    return who.request("DELETE", path, headers=TUS)


def checksum(algorithm: str, data: bytes) -> str:
    """A value of Upload-Checksum."""
    return f"{algorithm} {b64encode(new(algorithm, data, usedforsecurity=False).digest()).decode()}"


def _spelled(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
