"""Settings: read once from the environment, typed, and refused loudly when they cannot work."""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from participate.environment import Reader

MAX_SOCKET_PATH = 107  # bytes: sun_path in unix(7) less its closing NUL.
_WECHAT = r"https?://[^:@/]+:[^@/]+@[^/?#@]+/?\?(?:[^#]*&)?template=[^#&]+(?:&[^#]*)?"


class BadSettings(Exception):
    """The environment holds settings that cannot work; the message lists every one."""


@dataclass(frozen=True)
class Settings:
    """All that differs between deployments. Times are in seconds, sizes in bytes."""

    data_dir: Path
    database_url: str
    redis_url: str
    embedded_store: bool
    media_url: str
    secret_key: str
    timezone: ZoneInfo
    demo: bool = False
    host: str = "127.0.0.1"
    port: int = 8000
    web_processes: int = 2
    web_threads: int = 4
    most_streams: int = 2500
    rate_limits: bool = True
    proxies: int = 0
    metrics_token: str = ""
    former_keys: tuple[str, ...] = ()
    access_seconds: int = 15 * 60
    refresh_seconds: int = 30 * 24 * 3600
    otp_seconds: int = 10 * 60
    claim_seconds: int = 15 * 60
    first_look_hours: int = 4  # work hours
    appeal_days: int = 2  # work days
    silent_days: int = 5  # work days
    new_account_days: int = 7
    cluster_cases: int = 5
    cluster_days: int = 30
    undo_seconds: int = 5 * 60
    alike_metres: int = 50
    alike_hours: int = 24
    alike_percent: int = 60
    sample_percent: int = 10
    lexicon_dir: Path | None = None
    words_dir: Path | None = None
    max_photo_bytes: int = 20 * 2**20
    max_json_bytes: int = 256 * 2**10
    max_photo_pixels: int = 50_000_000
    max_photo_side: int = 65_500
    max_photo_frames: int = 1000
    photo_memory_mb: int = 300
    photo_seconds: int = 5
    max_photos: int = 9
    max_daily_bytes: int = 2**30
    max_unfinished_uploads: int = 20
    media_link_minutes: int = 10
    media_redirect: bool = False
    find_faces: bool = True
    find_plates: bool = True
    keep_facts_days: int = 90
    keep_deadlines_days: int = 730
    keep_sessions_days: int = 30
    keep_visits_days: int = 730
    keep_deliveries_days: int = 90
    keep_addresses_days: int = 30
    keep_assisted_days: int = 180
    public_url: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    sms_url: str = ""
    outside: tuple[str, ...] = ()
    webhook_days: int = 5
    web_push: bool = True
    vapid_key: str = ""
    wechat_url: str = ""

    @property
    def counts_dir(self) -> Path:
        """Where the processes that share the data folder count for `/metrics`."""
        return self.data_dir / "metrics"

    @property
    def socket_path(self) -> Path:
        """Where the embedded store listens."""
        return Path(self.redis_url.removeprefix("unix://"))


def _socket_path(data_dir: Path) -> Path:
    path = data_dir / "valkey.sock"
    if len(str(path).encode()) <= MAX_SOCKET_PATH:
        return path
    digest = sha256(str(data_dir).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"participate-{digest}.sock"


def _database_url(url: str) -> str:
    """SQLAlchemy knows `postgresql`, many hosts hand out `postgres`."""
    return "postgresql" + url.removeprefix("postgres") if url.startswith("postgres://") else url


def _web(read: Reader) -> dict[str, Any]:
    """How much is served at once."""
    return {
        "web_processes": read.number("PARTICIPATE_WEB_PROCESSES", 2, 1, 64),
        "web_threads": read.number("PARTICIPATE_WEB_THREADS", 4, 1, 512),
        "most_streams": read.number("PARTICIPATE_MOST_STREAMS", 2500, 1, 50_000),
    }


def _desk(read: Reader) -> dict[str, Any]:
    """What the moderation desk goes by."""
    return {
        "first_look_hours": read.number("PARTICIPATE_FIRST_LOOK_HOURS", 4, 1, 400),
        "appeal_days": read.number("PARTICIPATE_APPEAL_DAYS", 2, 1, 60),
        "silent_days": read.number("PARTICIPATE_SILENT_DAYS", 5, 1, 60),
        "new_account_days": read.number("PARTICIPATE_NEW_ACCOUNT_DAYS", 7, 1, 365),
        "cluster_cases": read.number("PARTICIPATE_CLUSTER_CASES", 5, 2, 1000),
        "cluster_days": read.number("PARTICIPATE_CLUSTER_DAYS", 30, 1, 366),
        "undo_seconds": read.number("PARTICIPATE_UNDO_SECONDS", 5 * 60, 1, 3600),
        "sample_percent": read.number("PARTICIPATE_SAMPLE_PERCENT", 10, 0, 100),
        "alike_metres": read.number("PARTICIPATE_ALIKE_METRES", 50, 1, 500),
        "alike_hours": read.number("PARTICIPATE_ALIKE_HOURS", 24, 1, 24 * 30),
        "alike_percent": read.number("PARTICIPATE_ALIKE_PERCENT", 60, 1, 100),
        "lexicon_dir": read.folder("PARTICIPATE_LEXICON_DIR"),
    }


def _messages(read: Reader) -> dict[str, Any]:
    """How messages leave, and what stands in them."""
    host, port = read.text("HOST", "127.0.0.1"), read.text("PORT", "8000")
    smtp_url = read.url("PARTICIPATE_SMTP_URL", "", ("smtp://", "smtp+starttls://", "smtps://"))
    mail_from = read.text("PARTICIPATE_MAIL_FROM", "participate@localhost")
    if smtp_url and not re.fullmatch(r"[^\r\n@]*[^\s@<>]+@[^\s@<>]+>?", mail_from):
        read.faults.append(f"PARTICIPATE_MAIL_FROM={mail_from!r}: an address, or Name <address>, is wanted")
    return {
        "words_dir": read.folder("PARTICIPATE_WORDS_DIR"),
        "public_url": read.url("PARTICIPATE_PUBLIC_URL", f"http://{host}:{port}", ("http://", "https://")).rstrip("/"),
        "smtp_url": smtp_url,
        "mail_from": mail_from,
        "sms_url": read.url("PARTICIPATE_SMS_URL", "", ("http://", "https://")),
        "outside": tuple(read.text("PARTICIPATE_OUTSIDE_ALLOW", "").split()),
        "wechat_url": read.form("PARTICIPATE_WECHAT_URL", _WECHAT, "https://appid:secret@host/?template=…"),
        "web_push": read.flag("PARTICIPATE_WEB_PUSH", True),
        "vapid_key": read.form("PARTICIPATE_VAPID_KEY", r"[A-Za-z0-9_-]{43}=?", "32 bytes as base64url"),
        "webhook_days": read.number("PARTICIPATE_WEBHOOK_DAYS", 5, 1, 90),
    }


def _kept(read: Reader) -> dict[str, Any]:
    """What is kept how long."""
    return {
        "keep_facts_days": read.number("PARTICIPATE_KEEP_FACTS_DAYS", 90, 3, 3650),
        "keep_deadlines_days": read.number("PARTICIPATE_KEEP_DEADLINES_DAYS", 730, 90, 36500),
        "keep_sessions_days": read.number("PARTICIPATE_KEEP_SESSIONS_DAYS", 30, 1, 3650),
        "keep_visits_days": read.number("PARTICIPATE_KEEP_VISITS_DAYS", 730, 30, 3650),
        "keep_deliveries_days": read.number("PARTICIPATE_KEEP_DELIVERIES_DAYS", 90, 3, 3650),
        "keep_assisted_days": read.number("PARTICIPATE_KEEP_ASSISTED_DAYS", 180, 1, 3650),
        "keep_addresses_days": read.number("PARTICIPATE_KEEP_ADDRESSES_DAYS", 30, 1, 365),
    }


def from_environment(env: Mapping[str, str]) -> Settings:
    """The settings that `env` describes.

    Raises BadSettings, naming every fault, when one is missing or malformed.
    """
    read = Reader(env)
    data_dir = Path(read.text("PARTICIPATE_DATA_DIR", "./var")).resolve()
    demo = read.flag("PARTICIPATE_DEMO", False)
    redis_url = read.url("REDIS_URL", "", ("redis://", "rediss://", "unix://"))
    settings = Settings(
        data_dir=data_dir,
        database_url=_database_url(
            read.url("DATABASE_URL", f"sqlite:///{data_dir}/participate.db", ("sqlite:", "postgres"))
        ),
        redis_url=redis_url or f"unix://{_socket_path(data_dir)}",
        embedded_store=not redis_url,
        media_url=read.media("MEDIA_URL", "./uploads"),
        secret_key=read.secret(demo, data_dir),
        demo=demo,
        host=read.text("HOST", "127.0.0.1"),
        port=read.number("PORT", 8000, 1, 65535),
        **_web(read),
        rate_limits=read.flag("PARTICIPATE_RATE_LIMITS", True),
        proxies=read.number("PARTICIPATE_PROXIES", 0, 0, 10),
        former_keys=tuple(read.text("SECRET_KEY_FORMER", "").split()),
        metrics_token=read.token("PARTICIPATE_METRICS_TOKEN"),
        timezone=read.timezone("PARTICIPATE_TIMEZONE", "Asia/Shanghai"),
        **_kept(read) | _desk(read) | _messages(read),
        media_link_minutes=read.number("PARTICIPATE_MEDIA_LINK_MINUTES", 10, 1, 24 * 60),
        media_redirect=read.flag("PARTICIPATE_MEDIA_REDIRECT", False),
        find_faces=read.flag("PARTICIPATE_FIND_FACES", True),
        find_plates=read.flag("PARTICIPATE_FIND_PLATES", True),
        max_photo_bytes=read.number("PARTICIPATE_MAX_PHOTO_BYTES", 20 * 2**20, 2**10, 2**30),
        max_photo_pixels=read.number("PARTICIPATE_MAX_PHOTO_PIXELS", 50_000_000, 10_000, 500_000_000),
        max_photo_side=read.number("PARTICIPATE_MAX_PHOTO_SIDE", 65_500, 100, 65_500),
        max_photo_frames=read.number("PARTICIPATE_MAX_PHOTO_FRAMES", 1000, 1, 100_000),
        photo_memory_mb=read.number("PARTICIPATE_PHOTO_MEMORY_MB", 300, 100, 8000),
        photo_seconds=read.number("PARTICIPATE_PHOTO_SECONDS", 5, 1, 60),
        max_photos=read.number("PARTICIPATE_MAX_PHOTOS", 9, 1, 50),
        max_daily_bytes=read.number("PARTICIPATE_MAX_DAILY_BYTES", 2**30, 2**10, 2**50),
        max_unfinished_uploads=read.number("PARTICIPATE_MAX_UNFINISHED_UPLOADS", 20, 1, 1000),
    )
    if read.faults:
        raise BadSettings("\n".join(read.faults))
    return settings
