"""Photos that end with POISON kill the process that decodes them, as a decoder's worst bug would."""

import os
import signal
from types import ModuleType
from typing import Any


def _patch(module: ModuleType) -> None:
    decode = module.decode

    def deadly(data: bytes, *more: Any) -> Any:
        if data.endswith(b"POISON"):
            os.kill(os.getpid(), signal.SIGKILL)
        return decode(data, *more)

    module.decode = deadly


PATCHES = {"participate.photos.decode": _patch}
