"""A POST acts each time it is sent."""

from types import ModuleType


def _patch(module: ModuleType) -> None:
    module.idempotent = lambda view: view


PATCHES = {"participate.kernel.idempotency": _patch}
