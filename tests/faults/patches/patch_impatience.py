"""Requests wait for Redis and for PostgreSQL as long as these libraries do by themselves."""

from types import ModuleType
from typing import Any


def _redis(module: ModuleType) -> None:
    def connect(url: str, timeout: float | None = None) -> Any:
        return module.redis.Redis.from_url(url)

    module.connect = connect


def _postgres(module: ModuleType) -> None:
    module.init_patience = lambda engine: None


PATCHES = {"participate.kernel.wake": _redis, "participate.kernel.patience": _postgres}
