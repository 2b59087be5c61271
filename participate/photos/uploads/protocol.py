"""tus 1.0.0: what its headers say (https://tus.io/protocols/resumable-upload)."""

import re
from base64 import b64decode
from binascii import Error
from dataclasses import dataclass
from hashlib import new
from typing import Any

from werkzeug.datastructures import Headers

from participate.kernel.errors import Fault, Unreadable, UnsupportedMedia, WrongVersion

VERSION = "1.0.0"
BODY = "application/offset+octet-stream"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
# Against bytes that are lost on their way, not against people: whose bytes they are is settled by the token.
ALGORITHMS = {"sha256": 32, "sha1": 20, "md5": 16}  # with the length of their digests in bytes
MAX_DESCRIBED = 4096  # characters of Upload-Metadata
_LONGEST_NUMBER = 15  # digits
_KEY = re.compile(r"[!-+\--~]+")  # Visible ASCII without the comma.


class BrokenOff(Exception):
    """A body has not come to its end."""


@dataclass(frozen=True)
class Checksum:
    """What a piece's bytes must come to."""

    algorithm: str
    digest: bytes

    def new(self) -> Any:
        """A hash to feed the bytes to."""
        return new(self.algorithm, usedforsecurity=False)


def check_version(headers: Headers) -> None:
    """Raises WrongVersion unless the client speaks the one version that there is here."""
    if headers.get("Tus-Resumable") != VERSION:
        raise WrongVersion("tus_version")


def check_body(mimetype: str) -> None:
    """Raises UnsupportedMedia for a body that is not said to be a piece of a file."""
    if mimetype != BODY:
        raise UnsupportedMedia("unsupported_media_type")


def number(headers: Headers, name: str) -> int:
    """The whole number in a header. Raises Unreadable."""
    text = headers.get(name)
    if text is None:
        raise _wrong(Fault(name, "required"))
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        raise _wrong(Fault(name, "form"))
    return int(text)


def described(headers: Headers) -> str:
    """`Upload-Metadata`: keys with values in Base64. It is kept for the client, and nothing here goes by it.

    Raises Unreadable.
    """
    text = headers.get("Upload-Metadata", "")
    if not text:
        return text
    keys = set[str]()
    for pair in text.split(","):
        key, _, value = pair.strip(" ").partition(" ")
        if key in keys or not _KEY.fullmatch(key) or _decoded(value) is None:
            raise _wrong(Fault("Upload-Metadata", "form"))
        keys.add(key)
    if len(text) > MAX_DESCRIBED:
        raise _wrong(Fault("Upload-Metadata", "form"))
    return text


def checksum(headers: Headers) -> Checksum | None:
    """What `Upload-Checksum` promises, if it is there. Raises Unreadable."""
    text = headers.get("Upload-Checksum")
    if text is None:
        return None
    name, _, value = text.partition(" ")
    digest = _decoded(value)
    if digest is None or len(digest) != ALGORITHMS.get(name):
        raise _wrong(Fault("Upload-Checksum", "form"))
    return Checksum(name, digest)


def check_stated(headers: Headers) -> None:
    """Raises Unreadable where the length is to be stated later, which is not offered."""
    if "Upload-Defer-Length" in headers:
        raise _wrong(Fault("Upload-Defer-Length", "unknown"))


def _decoded(text: str) -> bytes | None:
    try:
        return b64decode(text.encode("ascii"), validate=True)
    except (Error, UnicodeEncodeError):
        return None


def _wrong(header: Fault) -> Unreadable:
    return Unreadable("bad_request", (header,))
