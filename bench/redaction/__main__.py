"""`python -m bench.redaction FOLDER`: recall, false alarms and cost; docs/redaction.md says what FOLDER holds."""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from PIL import Image

from bench.redaction import scenes
from participate.photos.redaction.boxes import Box
from participate.photos.redaction.covering import MARGIN
from participate.photos.redaction.faces import find_faces
from participate.photos.redaction.plates import find_plates

COVERED = 0.75  # Of what must not be seen, at least so much must be covered for it to count as found.
_VIEW = (1600, 1600)
Find = Callable[[Image.Image], list[Box]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the packages with the photos are installed")
    parser.add_argument("--each", type=int, default=7, help="pictures of every kind and size")
    parser.add_argument("--more", type=Path, nargs="*", default=[], help="folders of photos: what is found is named")
    wanted = parser.parse_args()
    _recall("faces", find_faces, scenes.faces(wanted.folder, wanted.each))
    _recall("plates (synthetic)", find_plates, scenes.plates(wanted.folder, wanted.each))
    _alarms([wanted.folder / name for name in scenes.WITHOUT], "photos without either")
    for folder in wanted.more:
        _alarms(sorted(path for path in folder.rglob("*") if path.is_file()), str(folder))


def _recall(name: str, find: Find, made: Iterable[scenes.Scene]) -> None:
    there, hit, alarms, took = Counter[str](), Counter[str](), 0, list[float]()
    for scene in made:
        began = time.perf_counter()
        found = find(scene.picture)
        took.append(time.perf_counter() - began)
        is_hit = any(_covers(box, scene.truth) for box in found)
        alarms += sum(not box.overlap(scene.truth) for box in found)
        for group in ("all", *scene.groups):
            there[group] += 1
            hit[group] += is_hit
    print(f"\n{name}: {there['all']} pictures, {alarms} false alarms, {_cost(took)}")
    for group, number in there.items():
        print(f"  {group:18} {hit[group]:4} of {number:4}  {hit[group] / number:6.1%}")


def _covers(box: Box, truth: Box) -> bool:
    wide, high = box.w * MARGIN, box.h * MARGIN
    grown = Box(box.kind, box.x - wide, box.y - high, box.w + 2 * wide, box.h + 2 * high)
    return grown.overlap(truth) >= COVERED * truth.area


def _alarms(paths: list[Path], name: str) -> None:
    took, number, found = list[float](), 0, list[str]()
    for path, picture in _opened(paths):
        number += 1
        for kind, find in (("face", find_faces), ("plate", find_plates)):
            began = time.perf_counter()
            boxes = find(picture)
            took.append(time.perf_counter() - began)
            found += [f"{path.name}: {kind} at {box.x:.2f}, {box.y:.2f}, sure {box.sure:.2f}" for box in boxes]
    print(f"\n{name}: {number} photos, {len(found)} boxes, {_cost(took)} (each of the two)")
    for line in found:
        print(f"  {line}")


def _opened(paths: Iterable[Path]) -> Iterator[tuple[Path, Image.Image]]:
    for path in paths:
        try:
            with Image.open(path) as opened:
                picture = opened.convert("RGB")
        except (OSError, ValueError, SyntaxError):
            continue
        picture.thumbnail(_VIEW)
        yield path, picture


def _cost(took: list[float]) -> str:
    ordered = sorted(took) or [0.0]
    middle, slow = statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000
    return f"{middle:.0f} ms in the middle, {slow:.0f} at the 95th of 100"


if __name__ == "__main__":
    main()
