"""`python -m tests.faults [--all] [--pair PAIR] [NAME…]`: injure a live service, and see that nothing is lost.

Prints what it runs on, a line for each fault and each canary, and what is skipped; exits 1 where a fault is red, or
a canary is not.
"""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

import click
import psutil
import psycopg
import redis

from tests.faults.canaries import CANARIES, Canary
from tests.faults.clients import Load
from tests.faults.injuries import BOTH, FAULTS, Fault
from tests.faults.invariants import SETTLE_SECONDS, check
from tests.faults.ledger import PASSING, Ledger
from tests.faults.servers import Postgres, Redis, Unavailable
from tests.faults.stage import Stage, own_servers, patched, set_up

_WARM_SECONDS = 1.5
_ANSWER_SECONDS = 45  # after healing; by then what a client has asked for must have been answered
# What goes wrong in the harness itself, or where a service does not come back.
_BREAKS = AssertionError, OSError, subprocess.SubprocessError, psutil.Error, psycopg.Error, redis.RedisError
Servers = tuple[Postgres, Redis] | None


def endure(stage: Stage, fault: Fault, settle: float = SETTLE_SECONDS) -> tuple[dict[int, list[str]], str]:
    """Put the stage through a fault under load; what is wrong afterwards by invariant, and some figures."""
    ledger = Ledger()
    load = Load(stage.live.base, ledger)
    began = time.monotonic()
    load.start()
    time.sleep(_WARM_SECONDS)
    try:
        fault.injure(stage)
    finally:
        healed = time.monotonic()
        time.sleep(_WARM_SECONDS)
        load.finish(min(_ANSWER_SECONDS, settle))
    wrong, settled = check(stage, ledger, healed, fault.cuts, settle)
    unanswered = len(list(ledger.open()))
    if unanswered:
        wrong.setdefault(3, []).append(f"{unanswered} requests were not answered {_ANSWER_SECONDS} s after healing")
    return wrong, f"{time.monotonic() - began:5.1f} s, settled in {settled:4.1f} s; {_figures(ledger)}"


def _figures(ledger: Ledger) -> str:
    answered = [attempt for attempt in ledger.attempts if attempt.status is not None]
    refused = sum(attempt.status in PASSING for attempt in answered)
    slowest = max((attempt.seconds for attempt in answered), default=0.0)
    lost = len(ledger.attempts) - len(answered)
    return f"{len(ledger.attempts)} requests, {refused} refused, {lost} lost, slowest {slowest:.2f} s"


@contextmanager
def ground(pair: str) -> Iterator[Servers]:
    """The servers of one pair of stores; says what they are."""
    if pair == "embedded":
        click.echo("==== embedded: SQLite + embedded Valkey ====")
        yield None
        return
    with own_servers() as servers:
        click.echo(f"==== servers: own PostgreSQL {servers[0].version} + own {servers[1].version} ====")
        yield servers


def play(pair: str, servers: Servers, chosen: Sequence[Fault], always: Sequence[str]) -> Iterator[bool]:
    """The faults on one pair of stores, those that need the same service on the same one; whether each is red."""
    for patches, faults in groupby(sorted(chosen, key=lambda fault: fault.patches), lambda fault: fault.patches):
        with set_up(pair, servers, patched([*always, *patches])) as stage:
            for fault in faults:
                yield _is_red(stage, fault)


def _is_red(stage: Stage, fault: Fault) -> bool:
    try:
        wrong, figures = endure(stage, fault)
    except Unavailable as reason:
        click.echo(f"skipped  {stage.pair:<8} {fault.name}: {reason}")
        return False
    except (
        AssertionError,
        OSError,
        subprocess.SubprocessError,
        psutil.Error,
        psycopg.Error,
        redis.RedisError,
    ) as error:
        click.echo(f"BROKEN   {stage.pair:<8} {fault.name}: {type(error).__name__}: {str(error)[:500]}")
        return True
    click.echo(f"{'RED' if wrong else 'green':<8} {stage.pair:<8} {fault.name:<45} {figures}")
    if wrong:
        _explain(stage, wrong)
    return bool(wrong)


def _explain(stage: Stage, wrong: dict[int, list[str]]) -> None:
    for number, found in sorted(wrong.items()):
        for line in found:
            click.echo(f"         {number}: {line}")
    for line in stage.complaints():
        click.echo(f"         logged: {line[:200]}")


def listen(servers: Servers, canary: Canary) -> bool:
    """Whether a canary is silent: its invariant stays green without the defence."""
    fault = FAULTS[canary.fault]
    name = f"without {' and '.join(canary.without)}: {fault.name}"
    with set_up(canary.pair, servers, patched([*canary.without, *fault.patches])) as stage:
        stage.collects = "collector" not in canary.without
        try:
            wrong, figures = endure(stage, fault, canary.settle)
        except Unavailable as reason:
            click.echo(f"skipped  {canary.pair:<8} {name}: {reason}")
            return False
        silent = canary.red not in wrong
        said = "SILENT" if silent else "canary"
        click.echo(f"{said:<8} {canary.pair:<8} {name:<60} red: {sorted(wrong)}, wanted: {canary.red}; {figures}")
        if silent:
            _explain(stage, wrong)
        return silent


def _chosen(names: Sequence[str], whole: bool, pair: str) -> tuple[list[Fault], list[Canary]]:
    faults = [fault for fault in FAULTS.values() if pair in (fault.pairs if whole or names else fault.in_ci)]
    canaries = [canary for canary in CANARIES if canary.pair == pair and (whole or names or canary.in_ci)]
    if names:
        faults = [fault for fault in faults if any(name in fault.name for name in names)]
        canaries = [c for c in canaries if any(f"without {name}" in f"without {c.without[0]}" for name in names)]
    return faults, canaries


def _both(arguments: Sequence[str]) -> int:
    """Both pairs at the same time, each in a process of its own: most of the time goes by in waiting."""
    command = [sys.executable, "-m", "tests.faults", *arguments]
    running = [subprocess.Popen([*command, "--pair", pair], env=os.environ) for pair in BOTH]
    return sum(process.wait() != 0 for process in running)


@click.command()
@click.option("--all", "whole", is_flag=True, help="All faults and canaries, not only the selection for CI.")
@click.option("--pair", type=click.Choice(BOTH), help="One pair of stores; both by default.")
@click.argument("names", nargs=-1)
def main(whole: bool, pair: str | None, names: tuple[str, ...]) -> None:
    """Injure a live service, and see that nothing is lost. NAMES choose faults, and canaries by what they lack."""
    began = time.monotonic()
    if pair is None:
        sys.exit(1 if _both([*(["--all"] if whole else []), *names]) else 0)
    logging.disable(logging.CRITICAL)
    faults, canaries = _chosen(names, whole, pair)
    with ground(pair) as servers:
        red = sum(play(pair, servers, faults, () if whole else ("brief",)))
        silent = sum(listen(servers, canary) for canary in canaries)
    click.echo(
        f"==== {pair}: {len(faults)} faults, {red} red; {len(canaries)} canaries, {silent} silent; "
        f"{time.monotonic() - began:.0f} s ===="
    )
    sys.exit(1 if red or silent else 0)


if __name__ == "__main__":
    main()
