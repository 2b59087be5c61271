"""Photos are decoded in the worker's own process."""

from types import ModuleType
from typing import Any


def _patch(module: ModuleType) -> None:
    def here(*photo: Any) -> Any:
        from participate.photos.decode import decode

        return decode(*photo)

    module.develop = here


PATCHES = {"participate.photos.developing": _patch}
