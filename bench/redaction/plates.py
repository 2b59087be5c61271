"""Draws Chinese licence plates as GA 36-2018 lays them out, in a common type instead of the stamped one."""

from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw, ImageFont

LETTERS, DIGITS = "ABCDEFGHJKLMNPQRSTUVWXYZ", "0123456789"
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_SCALE = 2  # pixels a millimetre
_BLUE, _YELLOW, _GREEN, _WHITE, _BLACK = "#1b4fae", "#e8b422", "#4fb574", "#f2f2f0", "#161616"


@dataclass(frozen=True)
class Style:
    """How a kind of plate looks: its size in millimetres, its colours, in how many rows it is written."""

    name: str
    size: tuple[int, int]
    ground: str
    ink: str
    rows: int = 1
    signs: int = 5


STYLES = (
    Style("blue", (440, 140), _BLUE, _WHITE),
    Style("green", (480, 140), _GREEN, _BLACK, signs=6),
    Style("yellow", (440, 140), _YELLOW, _BLACK),
    Style("white", (440, 140), _WHITE, _BLACK),
    Style("lorry", (440, 220), _YELLOW, _BLACK, rows=2),
    Style("motorcycle", (220, 140), _YELLOW, _BLACK, rows=2),
)


def number(style: Style, chance: Random) -> tuple[str, str]:
    """Province and city, and the signs behind them, of which at most two are letters."""
    signs = [chance.choice(DIGITS) for _ in range(style.signs)]
    if style.name == "green":
        signs[0] = chance.choice("DF")
    else:
        for place in chance.sample(range(style.signs), chance.choice((0, 1, 1, 2))):
            signs[place] = chance.choice(LETTERS)
    if style.name == "white":
        signs[-1] = "警"
    return chance.choice(PROVINCES) + chance.choice(LETTERS), "".join(signs)


def draw_plate(style: Style, font: str, chance: Random) -> tuple[Image.Image, str]:
    """The plate, two pixels a millimetre, and what it says."""
    city, signs = number(style, chance)
    width, height = (side * _SCALE for side in style.size)
    plate = Image.new("RGB", (width, height), style.ground)
    pen = ImageDraw.Draw(plate)
    pen.rounded_rectangle((6, 6, width - 7, height - 7), radius=16, outline=style.ink, width=4)
    if style.rows == 1:
        _write(pen, f"{city}·{signs}", font, (30, 24, width - 30, height - 24), style.ink)
    else:
        top = height * 2 // 5
        _write(pen, f"{city[0]}·{city[1]}", font, (width // 4, 18, width * 3 // 4, top), style.ink)
        _write(pen, signs, font, (26, top + 6, width - 26, height - 18), style.ink)
    return plate, city + signs


def _write(pen: ImageDraw.ImageDraw, text: str, font: str, box: tuple[int, int, int, int], ink: str) -> None:
    """Each sign in a cell of its own, as they are stamped."""
    left, top, right, bottom = box
    cell = (right - left) / len(text)
    type_ = ImageFont.truetype(font, round(min(bottom - top, cell * 1.7)))
    for place, sign in enumerate(text):
        middle = (left + cell * (place + 0.5), (top + bottom) / 2)
        pen.text(middle, sign, ink, type_, anchor="mm", stroke_width=2, stroke_fill=ink)
