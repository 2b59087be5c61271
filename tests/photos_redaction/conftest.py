"""Photos with a face and a plate in known places, and the way that a submission takes with them."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from participate.photos.redaction.boxes import Box
from participate.photos.redaction.faces import find_faces
from tests.steps import way

__all__ = ["way"]

SIZE = (1200, 900)
# Rear Admiral Grace Hopper's face in a portrait by James S. Davis, U.S. Navy, 1984: public domain, as works of the
# United States Navy are. Cut from the sample data of Matplotlib.
HOPPER = Path(__file__).with_name("hopper.jpg")
FACE = (390, 255, 480, 365)  # Left, top, right and bottom of the face in `street`.
PLATE = (800, 700, 1060, 780)


def street(face: bool = True, plate: str = "A·12345") -> Image.Image:
    """A meadow with a portrait in it, and a plate that says `plate`."""
    scene = Image.new("RGB", SIZE, "#8d9a6a")
    if face:
        with Image.open(HOPPER) as portrait:
            scene.paste(portrait, (300, 200))
    if plate:
        pen = ImageDraw.Draw(scene)
        pen.rectangle(PLATE, fill="#1b4fae")
        middle = ((PLATE[0] + PLATE[2]) // 2, (PLATE[1] + PLATE[3]) // 2)
        pen.text(middle, plate, "white", ImageFont.load_default(56), anchor="mm")
    return scene


def plain_faces(picture: Image.Image) -> list[Box]:
    """The faces that are plain to see: what is left of a covered one may still look like some head."""
    return [box for box in find_faces(picture) if box.sure > 0.6]


def as_file(picture: Image.Image) -> bytes:
    """The picture as a phone would send it."""
    target = BytesIO()
    picture.save(target, "JPEG", quality=90)
    return target.getvalue()
