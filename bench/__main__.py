"""`python -m bench [--big] [--record]`: one table of ratios; exits 1 where one is over its limit."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import alike, city, consultation, fanout, photos, report, streams, worker, writers
from bench.big import desk, figures, lists, stage, sweep
from bench.floors import Floor
from bench.lines import Line, lines
from bench.measure import compare
from bench.memory import serving
from bench.ours import service
from bench.redaction.line import looked_through
from bench.report import Result
from bench.start import importing, starting
from bench.stores import STORES, NoServer, database
from participate.places.drafts import Draft


def main() -> int:
    """Measure on every store that there is, print, write down."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--big", action="store_true", help=f"also every list and the sweep at {stage.MANY:,}")
    parser.add_argument("--record", action="store_true", help="append the table to bench/RESULTS.md")
    wanted = parser.parse_args()
    results = [Result("import of wsgi:app", "", importing()), Result("up --demo", "", starting()), *_on_every_store()]
    if wanted.big:
        results += _on_the_big_city()
    print(report.table(results))
    report.write(results)
    if wanted.record:
        report.record(results)
    return int(any(result.is_over for result in results))


def _on_every_store() -> list[Result]:
    cells, results = city.cells(), list[Result]()
    for store in STORES:
        try:
            for result in _on(store, cells):
                print(*result.cells, sep=" | ", flush=True)  # Whoever waits sees how far it is.
                results.append(result)
        except NoServer as server:
            print(f"{store}: skipped, there is no server at {server}", file=sys.stderr)
    return results


def _on(store: str, cells: list[Draft]) -> Iterator[Result]:
    with (
        TemporaryDirectory(prefix="bench-") as folder,
        database(store, Path(folder)) as url,
        service(url, Path(folder), cells) as ours,
        closing(Floor(url, Path(folder), ours.author_id)) as floor,
    ):
        for line in lines(ours, floor.app, cells):
            yield Result(line.name, store, compare(line.ours, line.floor, line.calls))
        yield Result("photo upload to ready", store, photos.ready(ours))
        yield Result("photo looked through", store, looked_through(ours))
        yield Result("a fact worked off", store, worker.facts(ours))
        yield Result("a submission screened", store, worker.screening(ours))
        yield Result("a deadline swept", store, worker.sweep(ours))
        if store == "sqlite":  # The other store lets writers write side by side.
            yield Result("16 writers: 95 % to 50 %", store, writers.waiting(ours))
        yield Result("memory of a web process", store, serving(ours))
        for name, measured in streams.beside(ours):
            yield Result(name, store, measured)
        yield Result("photos alike of 1,000,000", store, alike.finding(ours))
        for name, measured in consultation.big(ours):
            yield Result(name, store, measured)
        yield Result("own outcome beside a crowd of 10,000", store, fanout.own_outcome(ours))


def _on_the_big_city() -> list[Result]:
    """Every list where there are many submissions, and the sweep, beside the same where there are few."""
    try:
        with TemporaryDirectory(prefix="bench-") as folder, stage.cities(Path(folder), stage.MANY, stage.FEW) as cities:
            results = _compared(lists.lines(*cities))
        with TemporaryDirectory(prefix="bench-") as folder, desk.desks(Path(folder), desk.MANY, desk.FEW) as desks:
            results += _compared(desk.lines(*desks))
        with (
            TemporaryDirectory(prefix="bench-") as folder,
            sweep.keepers(Path(folder), sweep.MANY, sweep.FEW) as keepers,
        ):
            results += _compared(sweep.lines(*keepers))
        with (
            TemporaryDirectory(prefix="bench-") as folder,
            figures.offices(Path(folder), figures.MANY, figures.FEW) as offices,
        ):
            return results + _compared(figures.lines(*offices))
    except NoServer as server:
        print(f"big: skipped, there is no server at {server}", file=sys.stderr)
        return []


def _compared(lines: Iterator[Line]) -> list[Result]:
    return [
        Result(line.name, "postgresql", compare(line.ours, line.floor, line.calls, lists.SECONDS)) for line in lines
    ]


if __name__ == "__main__":
    sys.exit(main())
