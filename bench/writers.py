"""How long 16 writers, as threads of several processes, wait for one another: the slowest beside the usual.

`python -m bench.writers AUTHOR` is one such process; it writes when told to, and prints how long each write took.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles

from bench.measure import Measured
from bench.ours import Service
from participate.app import create_app
from participate.config import Settings
from participate.submissions.service import submit

PROCESSES, THREADS, WRITES = 4, 4, 30  # WRITES by each thread
_WARM_UP = 5
_FIELDS = {"title": "路灯不亮", "body": "小区北门的路灯已经坏了三天，晚上回家的老人看不清路。"}


def waiting(service: Service) -> Measured:
    """What 95 of 100 submissions are handed in within, beside what half of them are."""
    command = [sys.executable, "-m", "bench.writers", service.author_id]
    writers = [_started(command, service.settings) for _ in range(PROCESSES)]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()  # All are ready before the first begins.
    said = [_told_to_write(writer) for writer in writers]
    took = [milliseconds for answer in [tell() for tell in said] for milliseconds in json.loads(answer)]
    cuts = quantiles(took, n=20)
    return Measured(ours=cuts[-1], floor=cuts[9], ratio=cuts[-1] / cuts[9])


def _started(command: list[str], settings: Settings) -> "subprocess.Popen[str]":
    environment = os.environ | {
        "PARTICIPATE_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "MEDIA_URL": settings.media_url,
        "PARTICIPATE_DEMO": "on",
    }
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)


def _told_to_write(writer: "subprocess.Popen[str]") -> Callable[[], str]:
    assert writer.stdin is not None
    writer.stdin.write("\n")
    writer.stdin.flush()
    return lambda: writer.communicate(timeout=120)[0]


def _write(author_id: str) -> None:
    app = create_app()

    def some(number: int) -> list[float]:
        took = []
        for _ in range(number):
            began = time.perf_counter()
            with app.app_context():
                submit(author_id, "micro_suggestion", dict(_FIELDS))
            took.append((time.perf_counter() - began) * 1000)
        return took

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(some, [1] * THREADS))
        print("ready", flush=True)
        sys.stdin.readline()
        found = [took for each in pool.map(some, [WRITES] * THREADS) for took in each[_WARM_UP:]]
    print(json.dumps(found))


if __name__ == "__main__":
    _write(sys.argv[1])
