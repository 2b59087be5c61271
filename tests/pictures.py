"""Photos with something to see on them, and copies as people pass them on."""

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw


def scene(seed: int) -> bytes:
    """A JPEG with light and shade; each seed draws another."""
    chance, picture = Random(seed), Image.new("RGB", (640, 480), "#8fa0b0")
    draw = ImageDraw.Draw(picture)
    for _ in range(25):
        x, y, size = chance.randrange(640), chance.randrange(480), chance.randrange(30, 200)
        shape = draw.ellipse if chance.random() < 0.5 else draw.rectangle
        shape((x - size, y - size, x + size, y + size), fill=tuple(chance.randrange(256) for _ in range(3)))
    return saved(picture)


def saved(picture: Image.Image, quality: int = 80) -> bytes:
    """As JPEG."""
    target = BytesIO()
    picture.convert("RGB").save(target, "JPEG", quality=quality)
    return target.getvalue()


def copied(photo: bytes) -> bytes:
    """As a messenger passes it on: smaller, and compressed hard."""
    picture = Image.open(BytesIO(photo))
    return saved(picture.resize((picture.width * 2 // 3, picture.height * 2 // 3)), 50)


def plain(colour: str) -> bytes:
    """A photo of nothing."""
    return saved(Image.new("RGB", (640, 480), colour))
