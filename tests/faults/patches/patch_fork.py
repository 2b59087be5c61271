"""Photos are decoded in the worker's own process."""

from types import ModuleType


def _patch(module: ModuleType) -> None:
    module.HEAVY = set()


PATCHES = {"participate.worker": _patch}
