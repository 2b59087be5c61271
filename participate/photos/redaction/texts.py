"""Finds lines of text in a picture and reads them, with the networks of PP-OCR."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from PIL import Image

from participate.photos.redaction.networks import TEXT_PLACES, TEXT_WORDS, network, run

SIDE = 960  # pixels
_ROUND = 32  # What sides must be a multiple of.
_TEXT, _LINE = 0.3, 0.5  # From which likelihood on a spot is text, and a line's spots together are a line.
_SMALLEST = 4  # pixels
_SPREAD = 1.6  # The network marks the core of a line; its letters reach out further by this.
_READ_HEIGHT, _WIDEST = 48, 480  # pixels
_BLANK = ""


@dataclass(frozen=True)
class Line:
    """A line of text: its four corners in the picture's pixels, from the upper left one on along its upper edge."""

    corners: tuple[tuple[float, float], ...]
    words: str = ""
    sure: float = 0.0

    @property
    def width(self) -> float:
        """Along the text."""
        return math.dist(self.corners[0], self.corners[1])

    @property
    def height(self) -> float:
        """Across the text."""
        return math.dist(self.corners[1], self.corners[2])

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        across, down = zip(*self.corners, strict=True)
        return min(across), min(down), max(across), max(down)


def find_lines(picture: Image.Image) -> list[Line]:
    """Where text stands in an RGB picture, not yet read. Raises networks.NotInstalled."""
    scale = min(SIDE / max(picture.size), 1.0)
    width, height = (max(round(length * scale / _ROUND), 1) * _ROUND for length in picture.size)
    (likely,) = run(network(*TEXT_PLACES), _prepared(picture.resize((width, height), Image.Resampling.BILINEAR)))
    across, down = picture.width / width, picture.height / height
    lines = (_line(spots, likely[0, 0]) for spots in _patches(likely[0, 0] > _TEXT))
    return [Line(tuple((x * across, y * down) for x, y in corners)) for corners in lines if corners]


def _prepared(picture: Image.Image) -> np.ndarray:
    """As both networks want it: blue first, from -1 to 1."""
    pixels = np.asarray(picture, np.float32)[:, :, ::-1]
    prepared: np.ndarray = np.ascontiguousarray((pixels / 127.5 - 1).transpose(2, 0, 1)[None], np.float32)
    return prepared


def _patches(marked: np.ndarray) -> Iterator[np.ndarray]:
    """The patches of marked spots that hang together, each as an array of row, first and last column of its runs."""
    runs = _runs(marked)
    parents = list(range(len(runs)))

    def head(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    above = 0
    for number, (row, first, last) in enumerate(runs):
        while runs[above][0] < row - 1 or (runs[above][0] == row - 1 and runs[above][2] < first):
            above += 1
        other = above
        while runs[other][0] == row - 1 and runs[other][1] <= last:
            parents[head(number)] = head(other)
            other += 1
    heads = np.array([head(number) for number in range(len(runs))], int)
    table = np.array(runs, int).reshape(-1, 3)
    yield from (table[heads == each] for each in np.unique(heads))


def _runs(marked: np.ndarray) -> list[list[int]]:
    """Row, first and last column of every run of marked spots."""
    edges = np.diff(np.pad(marked, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    found: list[list[int]] = np.column_stack((starts, ends[:, 1] - 1)).tolist()
    return found


def _line(runs: np.ndarray, likely: np.ndarray) -> tuple[tuple[float, float], ...] | None:
    """The corners of the smallest rectangle around a patch, spread; None where it is too small or too unsure."""
    total = sum(float(likely[row, first : last + 1].sum()) for row, first, last in runs)
    if total / (runs[:, 2] - runs[:, 1] + 1).sum() < _LINE:
        return None
    ends = np.concatenate((runs[:, [1, 0]], runs[:, [2, 0]] + [1, 0], runs[:, [1, 0]] + [0, 1], runs[:, [2, 0]] + 1))
    around = shapely.MultiPoint(ends).minimum_rotated_rectangle
    if not isinstance(around, shapely.Polygon):
        return None
    return _spread(*list(around.exterior.coords)[:3])


def _spread(*corners: tuple[float, ...]) -> tuple[tuple[float, float], ...] | None:
    """The corners as `Line` wants them, of a rectangle that is given by three; text runs along its longer side."""
    (x0, y0), (x1, y1), (x2, y2) = corners
    sides = sorted(((x1 - x0, y1 - y0), (x2 - x1, y2 - y1)), key=lambda side: -math.hypot(*side))
    length, height = (math.hypot(*side) for side in sides)
    if height < _SMALLEST:
        return None
    along, down = sides[0][0] / length, sides[0][1] / length
    if along < 0:
        along, down = -along, -down
    more = _SPREAD * length * height / (2 * (length + height))
    half, deep = length / 2 + more, height / 2 + more
    x, y = (x0 + x2) / 2, (y0 + y2) / 2
    ends = ((-half, -deep), (half, -deep), (half, deep), (-half, deep))
    return tuple((x + u * along - v * down, y + u * down + v * along) for u, v in ends)


def read(picture: Image.Image, line: Line) -> Line:
    """The line with its words, which may well be wrong. Raises networks.NotInstalled."""
    width = min(max(round(line.width * _READ_HEIGHT / max(line.height, 1.0)), _READ_HEIGHT), _WIDEST)
    upper_left, upper_right, lower_right, lower_left = line.corners
    corners = (*upper_left, *lower_left, *lower_right, *upper_right)
    strip = picture.transform((width, _READ_HEIGHT), Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    (likely,) = run(network(*TEXT_WORDS), _prepared(strip))
    best = likely[0].argmax(axis=1)
    kept = [n for n, sign in enumerate(best) if sign and (n == 0 or sign != best[n - 1])]
    words = "".join(_signs()[best[n]] for n in kept)
    sure = float(np.mean([likely[0, n, best[n]] for n in kept])) if kept else 0.0
    return Line(line.corners, words, sure)


@cache
def _signs() -> tuple[str, ...]:
    """What the outputs of the reading network stand for: nothing, the signs that it names itself, and a space."""
    named = network(*TEXT_WORDS).get_modelmeta().custom_metadata_map["character"].split("\n")
    return (_BLANK, *named, " ")
