"""A picture with a plate in it, to try whether what finds faces and plates works here."""

from PIL import Image, ImageDraw, ImageFont

from participate.photos.redaction.finding import FAILED, find

_SIZE = (640, 480)
_PLATE = (180, 200, 440, 280)
_SAYS = "A·12345"


def draw_plate(scene: Image.Image, edges: tuple[int, int, int, int]) -> None:
    """A plate on the picture at these edges: left, top, right and bottom."""
    left, top, right, bottom = edges
    pen = ImageDraw.Draw(scene)
    pen.rectangle(edges, fill="#1b4fae")
    font = ImageFont.load_default((bottom - top) * 0.7)
    pen.text(((left + right) / 2, (top + bottom) / 2), _SAYS, "white", font, anchor="mm")


def tried(faces: bool, plates: bool) -> str | None:
    """Why photos would have to wait for a moderator's look on this machine; None where they need not."""
    scene = Image.new("RGB", _SIZE, "#5d5d60")
    draw_plate(scene, _PLATE)
    found = find(scene, faces, plates)
    return found.why or (None if found.boxes else FAILED)
