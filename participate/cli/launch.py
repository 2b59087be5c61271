"""`participate up`: everything that one machine needs, in one foreground process group.

Nothing heavy is imported here at the top: the web half loads its code while this process loads the worker's, and
forks from itself whatever needs that. So it never opens a connection of its own (ADR 0037).
"""

import fcntl
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import IO

import click

from participate.cli import gate, store
from participate.cli.address import check_free
from participate.cli.processes import Child, Forked, Group
from participate.config import Settings
from participate.kernel import slots
from participate.kernel.collector import loading
from participate.kernel.lines import say

PARTS = ("relay", "facts", "photos", "redaction", "screening", "deliveries")  # The processes of the worker half.
_READY_SECONDS = 60


def run(settings: Settings, around: tuple[float, float]) -> None:
    """Migrate, seed the demo the first time, start everything and watch it until Ctrl-C."""
    lock = _hold(settings)
    check_free(settings.host, settings.port)
    group = Group(say)
    group.stop_on_signals()
    slots.clear(settings.counts_dir)
    try:
        with gate.closed(settings.data_dir):
            _start(group, settings)
            _be_done("prepare", partial(_prepare, settings, around))
        _greet(settings, group)
    except BaseException:
        group.stop()
        raise
    group.watch()
    lock.close()


def _hold(settings: Settings) -> IO[str]:
    """One `up` per data directory; the lock goes with the process."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        lock = (settings.data_dir / "up.lock").open("w")
    except OSError as error:
        raise click.ClickException(f"PARTICIPATE_DATA_DIR={str(settings.data_dir)!r}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise click.ClickException(f"another `participate up` already runs on {settings.data_dir}") from error
    return lock


def _be_done(name: str, task: Callable[[], None]) -> None:
    """Have a process of its own do it. Ends this one where that fails, which has said why unless it was killed."""
    code = Forked(name, task).wait()
    if code < 0:
        raise click.ClickException(f"{name} ended ({code})")
    if code:
        raise SystemExit(code)


def _prepare(settings: Settings, around: tuple[float, float]) -> None:
    from sqlalchemy.exc import OperationalError

    from participate.app import create_app
    from participate.cli import demo
    from participate.cli.migrations import upgrade

    try:
        with create_app(settings).app_context():
            upgrade()
            if settings.demo:
                demo.seed(settings, around)
    except OperationalError as error:
        raise click.ClickException(f"the database does not answer: {error.orig}") from error


def _start(group: Group, settings: Settings) -> None:
    if settings.embedded_store:
        group.start(Child("store", _store_command(settings), lasting=True))
    group.start(Child("web", [sys.executable, "-m", "participate.cli", "web"]))
    start_workers(group, settings)


def start_workers(group: Group, settings: Settings) -> None:
    """Every part of the worker half, each a fork of this process."""
    with loading():
        import_module("participate.worker")
    for part in PARTS:
        group.start(Child(part, partial(work, part, settings)))


def work(part: str, settings: Settings) -> None:
    """Be that part of the worker half, once the database is ready, until told to stop."""
    with loading():
        from participate import worker

    gate.pass_through(settings.data_dir)
    worker.relay() if part == "relay" else worker.consume(part)


def _store_command(settings: Settings) -> list[str]:
    try:
        return store.command(settings)
    except store.NoStore as error:
        raise click.ClickException(str(error)) from error


def _greet(settings: Settings, group: Group) -> None:
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    base = f"http://{host}:{settings.port}"
    until = time.monotonic() + _READY_SECONDS
    while not _ready(base):
        if group.stopping:
            return
        group.check()
        if time.monotonic() > until:
            raise click.ClickException(f"{base}/readyz does not answer 200")
        time.sleep(0.1)
    click.echo(
        f"\nParticipate is ready.\n  service    {base}\n  docs       {base}/docs/\n  data       {settings.data_dir}"
    )
    if settings.demo:
        _greet_demo(settings, base)
    click.echo("  stop       Ctrl-C\n")


def _greet_demo(settings: Settings, base: str) -> None:
    from participate.cli.demo import ACCOUNTS_FILE

    path = settings.data_dir / ACCOUNTS_FILE
    click.echo(f"  accounts   {path}")
    seen: set[str] = set()
    for entry in json.loads(path.read_text()):
        if entry["role"] not in seen:
            seen.add(entry["role"])
            scope = " ".join(f"{kind} {value or 'everywhere'}" for kind, value in entry["scope"].items())
            login = entry.get("username") or entry["phone"]
            click.echo(f"    {entry['role']:<13} {login:<18} {entry.get('password', 'one-time code'):<18} {scope}")
    click.echo(f"  try        curl -s {base}/v1/categories?limit=1")


def _ready(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/readyz", timeout=2) as answer:  # noqa: S310 - our own http address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
