"""`python -m bench.storm [--quick] [--store embedded|servers] [--part ordinary|overload|district]`: under load.

Exits 1 for errors, lost submissions and refusals that do not say when to come again; without `--quick` also where a
figure misses its goal. On a machine where others work, figures tell little: the load average stands below them.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from io import BytesIO

from PIL import Image

from bench.storm import district, ordinary, overload, people
from bench.storm.figures import Figure, table
from bench.storm.load import crowd
from participate.photos.sample import draw_sample
from tests.live import laid
from tests.stores import server

PARTS = ("ordinary", "overload", "district")


def main() -> int:
    """Start the service, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute in all; timing is only printed")
    parser.add_argument("--store", choices=("embedded", "servers"), default="embedded")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part")
    wanted = parser.parse_args()
    figures, faults = list[Figure](), list[str]()
    for part, found, wrong in _measured(wanted.part or PARTS, wanted.store, wanted.quick):
        print(f"\n{part}, {wanted.store}\n\n{table(found)}\n", flush=True)
        figures, faults = figures + found, faults + wrong
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(faults) or (not wanted.quick and any(figure.is_missed for figure in figures)))


def _measured(parts: Sequence[str], store: str, quick: bool) -> Iterator[tuple[str, list[Figure], list[str]]]:
    """Each part in its turn, on one service."""
    with ExitStack() as stack:
        if store == "servers":
            os.environ["TEST_POSTGRES_SERVER"] = stack.enter_context(server())
        live = stack.enter_context(laid(store))
        live.start()
        there = people.settled(live)
        asking = stack.enter_context(crowd(live.port))
        if "ordinary" in parts:
            yield "ordinary", *ordinary.measure(there, asking, ordinary.QUICK if quick else ordinary.WHOLE)
        if "overload" in parts:
            yield "overload", *overload.measure(there, asking, overload.QUICK if quick else overload.WHOLE)
        if "district" in parts:
            spans = district.QUICK if quick else district.WHOLE
            yield "district", *district.measure(there, asking, spans, _photo())
        live.stop()


def _photo() -> bytes:
    """The sample's 12 megapixels, saved as finely as a phone does: about 3.5 MB."""
    drawn = Image.open(BytesIO(draw_sample(28.2282, 112.9388, datetime.now(UTC))))
    saved = BytesIO()
    drawn.save(saved, "JPEG", quality=99, subsampling=0, exif=drawn.getexif())
    return saved.getvalue()


if __name__ == "__main__":
    sys.exit(main())
