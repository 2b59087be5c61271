"""What a clock that ran ahead has put off stays put off."""

from types import ModuleType


def _patch(module: ModuleType) -> None:
    module.set_right = lambda: 0


PATCHES = {"participate.kernel.rescue": _patch}
