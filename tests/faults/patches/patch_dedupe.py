"""The feed takes whatever it is told, as often as it is told; its unique index knows no fact twice."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any


def _patch(module: ModuleType) -> None:
    append = module.append

    def forgetful(entries: Sequence[dict[str, Any]]) -> None:
        append([entry | {"fact_id": module.new_id()} for entry in entries])

    module.append = forgetful


PATCHES = {"participate.updates.service": _patch}
