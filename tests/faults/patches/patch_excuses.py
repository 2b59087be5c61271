"""What the stores cannot do for the moment is answered like any other error."""

from types import ModuleType


def _patch(module: ModuleType) -> None:
    module._database = module._system = module._unexpected


PATCHES = {"participate.kernel.problems": _patch}
