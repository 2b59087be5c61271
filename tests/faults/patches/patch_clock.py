"""The service's wall clock runs as far off as a file says; its monotonic one is left alone."""

import os
import threading
import time as real_time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

_SHIFT = Path(os.environ["FAULT_CLOCK"])


def _follow() -> None:
    import time_machine

    present, traveller = 0.0, None
    while True:
        wanted = float(_SHIFT.read_text() or 0) if _SHIFT.exists() else 0.0
        if wanted != present:
            if traveller is not None:
                traveller.stop()
                traveller = None
            if wanted:
                traveller = time_machine.travel(datetime.now(UTC) + timedelta(seconds=wanted), tick=True)
                traveller.start()
            present = wanted
        real_time.sleep(0.05)


def _patch_ids(module: ModuleType) -> None:
    """The ids' own clock is one of C, which nobody holds from Python."""

    def new_id() -> str:
        return str(module.uuid_utils.uuid7(nanoseconds=real_time.time_ns()))

    module.new_id = new_id


threading.Thread(target=_follow, daemon=True).start()
PATCHES = {"participate.kernel.ids": _patch_ids}
