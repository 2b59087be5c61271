"""Nobody says that a message is being handed over, and whoever sends it is gone right after: it is sent again."""

from datetime import timedelta
from types import ModuleType
from typing import Any


def _patch(module: ModuleType) -> None:
    begin, settle_sent, sent = module.begin, module.settle_sent, set[str]()

    def unmarked(claimed: Any, by_key: bool) -> bool:
        return bool(begin(claimed, by_key=True))

    def late(claimed: Any) -> None:
        if claimed.id in sent:
            settle_sent(claimed)
        sent.add(claimed.id)

    module.LEASE = timedelta(seconds=1)
    module.begin, module.settle_sent = unmarked, late


PATCHES = {"participate.updates.deliveries.handing": _patch}
