"""A worker whose child died tells nobody; the lease alone brings its errand back."""

from types import ModuleType


def _patch(module: ModuleType) -> None:
    module._bury = lambda *_found: None


PATCHES = {"participate.worker": _patch}
