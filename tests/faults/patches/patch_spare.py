"""There are as many threads as requests that may be at work; slow callers take them all."""

from types import ModuleType


def _patch(module: ModuleType) -> None:
    module.threads = lambda places: places


PATCHES = {"participate.kernel.overload": _patch}
