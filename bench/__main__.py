"""`python -m bench [--record]`: one table of ratios; exits 1 where one is over its limit."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import city, report
from bench.floors import Floor
from bench.lines import lines
from bench.measure import compare
from bench.ours import service
from bench.report import Result
from bench.stores import STORES, NoServer, database
from participate.places.drafts import Draft


def main() -> int:
    """Measure on every store that there is, print, write down."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--record", action="store_true", help="append the table to bench/RESULTS.md")
    wanted = parser.parse_args()
    results = _on_every_store()
    print(report.table(results))
    report.write(results)
    if wanted.record:
        report.record(results)
    return int(any(result.is_over for result in results))


def _on_every_store() -> list[Result]:
    cells, results = city.cells(), list[Result]()
    for store in STORES:
        try:
            results += _on(store, cells)
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


if __name__ == "__main__":
    sys.exit(main())
