"""The relay goes by what it is told, and never looks for itself."""

from types import ModuleType


def _patch(module: ModuleType) -> None:
    module.Relay.sweep = lambda relay: None


PATCHES = {"participate.worker": _patch}
