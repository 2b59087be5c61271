"""Reads typed values from the environment, and gathers all that is wrong with them."""

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

MIN_TOKEN = 16  # characters
MIN_SECRET = 32  # bytes: RFC 7518 §3.2 for HS256.


def _demo_secret(data_dir: Path) -> str:
    """The demo's own secret, made once and kept beside its data."""
    path = data_dir / "secret-key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()


class Reader:
    """Reads typed values and gathers every fault, so that an administrator mends them in one go."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env, self.faults = env, list[str]()

    def text(self, name: str, default: str) -> str:
        """What it says, without the white space around it."""
        return self.env.get(name, "").strip() or default

    def flag(self, name: str, default: bool) -> bool:
        """On or off."""
        value = self.text(name, "on" if default else "off").lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value not in {"0", "false", "no", "off"}:
            self.faults.append(f"{name}={value!r}: say on or off")
        return False

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self.text(name, str(default))
        if value.isdecimal() and low <= int(value) <= high:
            return int(value)
        self.faults.append(f"{name}={value!r}: a whole number from {low} to {high} is wanted")
        return default

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        """An address of one of these schemes, or none."""
        value = self.text(name, default)
        if value and not value.startswith(schemes):
            self.faults.append(f"{name}: must begin with one of {', '.join(schemes)}")
        return value

    def form(self, name: str, form: str, wanted: str) -> str:
        """A text of this form, or none."""
        value = self.text(name, "")
        if value and not re.fullmatch(form, value):
            self.faults.append(f"{name}: {wanted} are wanted")
        return value

    def media(self, name: str, default: str) -> str:
        """Where photos lie: a folder, or a bucket."""
        value = self.text(name, default)
        if "://" in value and not value.startswith(("file:///", "s3://")):
            self.faults.append(f"{name}: a folder, file:///folder or s3://bucket/prefix is wanted")
        return value

    def folder(self, name: str) -> Path | None:
        """A folder that is there, or none."""
        value = self.text(name, "")
        if value and not Path(value).is_dir():
            self.faults.append(f"{name}={value!r}: no such folder")
        return Path(value).resolve() if value else None

    def timezone(self, name: str, default: str) -> ZoneInfo:
        """A time zone by its name."""
        value = self.text(name, default)
        try:
            return ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            self.faults.append(f"{name}={value!r}: no such time zone")
            return ZoneInfo(default)

    def secret(self, demo: bool, data_dir: Path) -> str:
        """The key of all that is signed; in a demo without one, its own."""
        value = self.text("SECRET_KEY", "")
        if not value and demo:
            try:
                return _demo_secret(data_dir)
            except OSError as error:
                self.faults.append(f"PARTICIPATE_DATA_DIR={str(data_dir)!r}: {error.strerror}")
                return value
        if len(value.encode()) < MIN_SECRET:
            self.faults.append(f"SECRET_KEY: required outside demo mode, at least {MIN_SECRET} bytes")
        return value

    def token(self, name: str) -> str:
        """A secret that others send, or none."""
        value = self.text(name, "")
        if value and (len(value) < MIN_TOKEN or not value.isascii() or not value.isprintable() or " " in value):
            self.faults.append(f"{name}: at least {MIN_TOKEN} printable ASCII characters without spaces are wanted")
        return value
