"""Keys of web push: this service's own, made once and kept beside its data, and whether a browser's is one at all."""

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from participate.kernel.context import settings

_FILE = "vapid-key"
_BYTES, _POINT_BYTES, _AUTH_BYTES = 32, 65, 16


def spoken(data: bytes) -> str:
    """As base64url without padding, which is how the web writes keys."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def unspoken(text: str) -> bytes:
    """The opposite. Raises ValueError."""
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def private_key() -> str:
    """This service's own key: the setting's, else the file's, which is made if there is none."""
    return settings().vapid_key or _kept(settings().data_dir / _FILE)


@lru_cache(maxsize=4)
def _kept(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{secrets.token_hex(4)}")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(spoken(_fresh()))
        with suppress(FileExistsError):  # Another process has been quicker; whole is what is there in any case.
            path.hardlink_to(part)
        part.unlink()
    return path.read_text().strip()


def _fresh() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(_BYTES)


@lru_cache(maxsize=4)
def public_key(private: str) -> str:
    """What a browser subscribes with (`applicationServerKey`). Raises ValueError for what is no private key."""
    number = unspoken(private)
    if len(number) != _BYTES:
        raise ValueError("32 bytes as base64url are wanted")
    made = ec.derive_private_key(int.from_bytes(number), ec.SECP256R1()).public_key()
    return spoken(made.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def is_point(text: str) -> bool:
    """Whether it is a browser's public key: a point of P-256, uncompressed."""
    try:
        point = unspoken(text)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return len(point) == _POINT_BYTES


def is_auth(text: str) -> bool:
    """Whether it is a browser's secret of 16 bytes."""
    try:
        return len(unspoken(text)) == _AUTH_BYTES
    except ValueError:
        return False
