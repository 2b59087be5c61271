"""Finds licence plates: lines of text that read like one, or would if a letter or two were taken for another."""

import re
from collections.abc import Iterable, Iterator, Sequence

from PIL import Image

from participate.photos.redaction.boxes import Box, distinct
from participate.photos.redaction.texts import Line, find_lines, read

MOST_LINES = 40  # Where there are more, such as on a notice board, those that look most like a plate are read.
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
# What ends or begins a plate of a certain use: learners, police, Hong Kong, Macao, trailers, embassies, the forces.
_USES = "学警港澳挂使领试超应急临消防"
_FLOURISH = re.compile(r"[^0-9A-Z一-鿿]")
_HAN = "一-鿿"
_SIGN = f"0-9A-Z{_USES}"

# GA 36-2018: a province, a letter for the city, five signs, or six on cars that run on electricity. Any of them may be
# taken for another or overlooked; the less of it is there, the more of the rest must be digits.
_WHOLE = re.compile(rf"[{_PROVINCES}][A-Z0-9][{_SIGN}]{{5,6}}")
_HAN_FIRST = re.compile(rf"(?=(?:\D*\d){{2}})[{_HAN}][{_SIGN}]{{5,7}}")
_NO_HAN = re.compile(rf"(?=(?:\D*\d){{4}})[A-Z0-9]?[A-Z][{_SIGN}]{{5,6}}")
_DOTTED = re.compile(rf"(?=(?:\D*\d){{2}})[{_HAN}A-Z0-9]{{1,3}}[·•・][{_SIGN}]{{4,6}}")
_CITY = re.compile(rf"[{_HAN}A-Z0-9]?[A-Z0-9]|[{_PROVINCES}]")
_NUMBER = re.compile(rf"(?=(?:\D*\d){{2}})[{_SIGN}]{{4,6}}")
_PART = re.compile(rf"(?=(?:\D*\d){{2}})[{_HAN}]?[{_SIGN}]{{4,9}}")

_NARROWEST, _WIDEST = 1.0, 9.0  # Width by height of a line that may be (part of) a plate.
_MOST_ALIKE = 0.3
# Hue from 0 to 255 of a plate's yellow, green and blue ground; how strong and light it is at least.
_GROUNDS = ((18, 45), (60, 118), (140, 185))
_FAINT, _DARK, _MOSTLY = 80, 40, 0.6
_SWATCH = (9, 3)  # pixels


def find_plates(picture: Image.Image) -> list[Box]:
    """The plates in an upright RGB picture. Raises networks.NotInstalled."""
    likely = sorted((line for line in find_lines(picture) if _shaped(line)), key=_oddness)
    lines = [read(picture, line) for line in likely[:MOST_LINES]]
    found = [line.edges for line in lines if is_plate(line.words)]
    found += [_with_the_rest(line) for line in lines if _is_part(line.words) and _coloured(picture, line)]
    found += _two_rows(lines)
    return distinct((_box(edges, picture) for edges in found), _MOST_ALIKE)


def plain(words: str) -> str:
    """`words` in capitals, without spaces, dots and other things that a screw or a frame is taken for."""
    return _FLOURISH.sub("", words.upper())


def is_plate(words: str) -> bool:
    """Whether a line reads like a plate."""
    signs = plain(words)
    if _WHOLE.search(signs) or _DOTTED.fullmatch(words.upper().replace(" ", "")):
        return True
    return bool(_HAN_FIRST.fullmatch(signs) or _NO_HAN.fullmatch(signs))


def _is_part(words: str) -> bool:
    """Whether what can be read of a line may be the rest of a plate."""
    return _PART.search(plain(words)) is not None


def _shaped(line: Line) -> bool:
    return _NARROWEST <= line.width / max(line.height, 1.0) <= _WIDEST


def _oddness(line: Line) -> float:
    """How far its shape is from a plate's: about four times as wide as its letters are high."""
    return abs(line.width / max(line.height, 1.0) - 4.0)


def _coloured(picture: Image.Image, line: Line) -> bool:
    """Whether it stands on the blue, green or yellow of a plate."""
    left, top, right, bottom = line.edges
    edge = line.height / 4  # What lies around the line may be of any colour.
    inner = (round(left + edge), round(top + edge), round(right - edge), round(bottom - edge))
    if inner[0] >= inner[2] or inner[1] >= inner[3]:
        return False
    small = picture.crop(inner).resize(_SWATCH, Image.Resampling.BOX).convert("HSV")
    hues = [hue for hue, strong, light in _pixels(small) if strong > _FAINT and light > _DARK]
    enough = _MOSTLY * _SWATCH[0] * _SWATCH[1]
    return any(sum(low <= hue <= high for hue in hues) >= enough for low, high in _GROUNDS)


def _pixels(picture: Image.Image) -> Iterator[tuple[int, int, int]]:
    data = picture.tobytes()
    yield from zip(data[::3], data[1::3], data[2::3], strict=True)


def _two_rows(lines: Sequence[Line]) -> Iterator[tuple[float, float, float, float]]:
    """Motor bicycles and the backs of lorries carry province and city above the number."""
    for upper in lines:
        if _CITY.fullmatch(plain(upper.words)):
            for lower in lines:
                if _NUMBER.fullmatch(plain(lower.words)) and _stacked(upper, lower):
                    yield _around(upper.edges, lower.edges)


def _with_the_rest(line: Line) -> tuple[float, float, float, float]:
    """The line's edges with room for what was not read: signs before it, a row above."""
    left, top, right, bottom = line.edges
    return left - line.width / 4, top - line.height * 0.9, right + line.width / 8, bottom


def _stacked(upper: Line, lower: Line) -> bool:
    """Whether one stands right above the middle of the other, and is narrower."""
    left, _, right, bottom = upper.edges
    middle, height = (left + right) / 2, lower.edges[3] - lower.edges[1]
    beneath = -0.6 * height < lower.edges[1] - bottom < 0.8 * height
    return beneath and lower.edges[0] < middle < lower.edges[2] and upper.width < lower.width


def _around(*edges: Sequence[float]) -> tuple[float, float, float, float]:
    lefts, tops, rights, bottoms = zip(*edges, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _box(edges: Iterable[float], picture: Image.Image) -> Box:
    left, top, right, bottom = edges
    return Box(
        "plate",
        left / picture.width,
        top / picture.height,
        (right - left) / picture.width,
        (bottom - top) / picture.height,
    ).clipped()
