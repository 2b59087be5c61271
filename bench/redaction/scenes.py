"""Pictures with a face or a plate in a place that we know, made from photos that ship inside packages."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random

from PIL import Image, ImageEnhance, ImageFilter

from bench.redaction.plates import STYLES, draw_plate
from participate.photos.redaction.boxes import Box

SIZE = (1600, 1200)
FONT = "pylopdf_fonts_zh_cn/NotoSansSC-Regular.otf"
# Photos of one face each, and where it is: left, top, right and bottom, read off by eye.
FACES = {
    "skimage/data/astronaut.png": (178, 62, 272, 182),
    "matplotlib/mpl-data/sample_data/grace_hopper.jpg": (180, 125, 350, 340),
    "skimage/data/camera.png": (200, 115, 262, 205),
}
BACKGROUNDS = (
    *("skimage/data/motorcycle_left.png", "skimage/data/gravel.png", "skimage/data/brick.png"),
    *("skimage/data/grass.png", "sklearn/datasets/images/china.jpg"),
)
# Neither face nor plate in any of them, as we have seen. (A cat's face is no face.)
WITHOUT = (
    *BACKGROUNDS,
    *(f"skimage/data/{name}.png" for name in ("cell", "chelsea", "clock_motion", "coffee", "coins", "color", "ihc")),
    *(f"skimage/data/{name}.png" for name in ("logo", "moon", "motorcycle_right", "page", "text")),
    *(f"skimage/data/{name}.jpg" for name in ("hubble_deep_field", "retina", "rocket")),
    "sklearn/datasets/images/flower.jpg",
)
FACE_HEIGHTS = (400, 200, 100, 60, 40, 28)  # pixels
FACE_TILTS = (0, 0, 0, 15, -30, 45, 90)  # degrees
PLATE_WIDTHS = (300, 200, 120, 90, 70, 55)  # pixels that 440 mm take
Edges = tuple[float, float, float, float]


@dataclass(frozen=True)
class Scene:
    """A picture, the one box that must be found in it, and by what its figures are summed up."""

    picture: Image.Image
    truth: Box
    groups: tuple[str, ...]


def faces(folder: Path, each: int) -> Iterator[Scene]:
    """Every face in every size, `each` times, tilted, lit, blurred and compressed by chance."""
    chance = Random(20261124)
    for name, edges in FACES.items():
        with Image.open(folder / name) as opened:
            portrait = opened.convert("RGB")
        for height in FACE_HEIGHTS:
            for turn in range(each):
                tilt = FACE_TILTS[turn % len(FACE_TILTS)]
                scene, place = _set_in(portrait, edges, height / (edges[3] - edges[1]), tilt, folder, chance)
                groups = (f"{height} px high", f"tilted by {abs(tilt)}°", Path(name).stem)
                yield Scene(_spoilt(scene, chance), _share(place, "face"), groups)


def plates(folder: Path, each: int) -> Iterator[Scene]:
    """Every kind of plate in every size, `each` times, tilted, lit, blurred and compressed by chance. Synthetic."""
    chance = Random(20261125)
    for style in STYLES:
        for width in PLATE_WIDTHS:
            for _ in range(each):
                plate, _ = draw_plate(style, str(folder / FONT), chance)
                whole = (0.0, 0.0, float(plate.width), float(plate.height))
                scale = width * style.size[0] / 440 / plate.width
                scene, place = _set_in(plate, whole, scale, chance.uniform(-12, 12), folder, chance)
                yield Scene(_spoilt(scene, chance), _share(place, "plate"), (f"{width} px wide", style.name))


def _set_in(
    picture: Image.Image, edges: Edges, scale: float, tilt: float, folder: Path, chance: Random
) -> tuple[Image.Image, Edges]:
    """The picture in a background, scaled and tilted, and where the part with these edges has come to lie."""
    with Image.open(folder / chance.choice(BACKGROUNDS)) as opened:
        scene = opened.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    mark = Image.new("L", size)
    mark.paste(255, tuple(round(edge * scale) for edge in edges))
    small = picture.resize(size, Image.Resampling.LANCZOS).convert("RGBA")
    small, mark = (each.rotate(tilt, Image.Resampling.BICUBIC, expand=True) for each in (small, mark))
    inner = mark.point(lambda value: 255 if value > 127 else 0).getbbox() or (0, 0, 1, 1)
    left, top = (
        chance.randint(*sorted((-inner[axis], SIZE[axis] - inner[axis + 2]))) for axis in (0, 1)
    )  # What must be found lies inside; the rest may be cut off.
    scene.paste(small, (left, top), small)
    return scene, (left + inner[0], top + inner[1], left + inner[2], top + inner[3])


def _spoilt(scene: Image.Image, chance: Random) -> Image.Image:
    """As a cheap phone would have taken it, and as our own rendition keeps it."""
    scene = scene.filter(ImageFilter.GaussianBlur(chance.choice((0, 0, 0.7, 1.2))))
    scene = ImageEnhance.Brightness(scene).enhance(chance.choice((0.45, 0.8, 1, 1, 1.3)))
    target = BytesIO()
    scene.save(target, "JPEG", quality=chance.choice((50, 80, 80, 90)))
    return Image.open(target).convert("RGB")


def _share(edges: Edges, kind: str) -> Box:
    left, top, right, bottom = edges
    box = Box(kind, left / SIZE[0], top / SIZE[1], (right - left) / SIZE[0], (bottom - top) / SIZE[1])
    return box.clipped()
