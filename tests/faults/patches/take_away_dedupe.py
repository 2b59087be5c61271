"""The feed takes whatever it is told, as often as it is told; its unique index knows no fact twice."""

from dataclasses import replace
from types import ModuleType
from typing import Any


def _patch(module: ModuleType) -> None:
    add = module.add

    def forgetful(account_id: str, fact: Any, *more: Any, **most: Any) -> None:
        add(account_id, replace(fact, id=module.new_id()), *more, **most)

    module.add = forgetful


PATCHES = {"participate.updates.service": _patch}
