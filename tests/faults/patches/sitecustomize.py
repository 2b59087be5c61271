"""Loaded by every process of a patched service: changes modules as they are imported (see FAULT_PATCHES).

The product has no switch for any of this; PYTHONPATH puts this file before it.
"""

import importlib
import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


class _Patched(Loader):
    """Loads a module as its own loader does, and changes it before anybody else sees it."""

    def __init__(self, loader: Any, patches: list[Any]) -> None:
        self._loader, self._patches = loader, patches

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As ever."""
        return self._loader.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: ModuleType) -> None:
        """Run it, then what the patches do to it."""
        self._loader.exec_module(module)
        for patch in self._patches:
            patch(module)


class _Finder(MetaPathFinder):
    def __init__(self, patches: dict[str, list[Any]]) -> None:
        self._patches = patches

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """The module's own spec with our loader around its own, for what is to be patched."""
        if name not in self._patches:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Patched(spec.loader, self._patches[name])
        return spec


def _install(names: list[str]) -> None:
    found: dict[str, list[Any]] = {}
    for name in names:
        patches = importlib.import_module(f"patch_{name}")
        for module, patch in patches.PATCHES.items():
            found.setdefault(module, []).append(patch)
    sys.meta_path.insert(0, _Finder(found))


if os.environ.get("FAULT_PATCHES"):
    _install(os.environ["FAULT_PATCHES"].split(","))
