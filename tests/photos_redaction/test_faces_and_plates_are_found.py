"""Faces and plates are found where they are, and nothing where there is none."""

import pytest
from PIL import Image, ImageEnhance

from participate.photos.redaction.boxes import Box
from participate.photos.redaction.faces import find_faces
from participate.photos.redaction.finding import find
from participate.photos.redaction.plates import find_plates, is_plate
from tests.photos_redaction.conftest import FACE, HOPPER, PLATE, SIZE, street


def shares(edges: tuple[int, int, int, int]) -> Box:
    left, top, right, bottom = edges
    return Box("", left / SIZE[0], top / SIZE[1], (right - left) / SIZE[0], (bottom - top) / SIZE[1])


def test_a_face_and_a_plate_in_one_picture() -> None:
    found = find(street(), faces=True, plates=True)
    assert [box.kind for box in found.boxes] == ["face", "plate"]
    assert found.why is None
    face, plate = found.boxes
    assert face.alike(shares(FACE)) > 0.6
    assert plate.overlap(shares(PLATE)) > 0.9 * shares(PLATE).area * 0.9
    assert all(type(value) is float for box in found.boxes for value in (box.x, box.y, box.w, box.h, box.sure))


@pytest.mark.parametrize("width", [1500, 200, 90])
def test_a_face_of_any_size(width: int) -> None:
    with Image.open(HOPPER) as portrait:
        picture = Image.new("RGB", (1600, 1800), "#5d5d60")
        picture.paste(portrait.resize((width, width * 300 // 256)))
    assert len(find_faces(picture)) == 1


@pytest.mark.parametrize("light", [0.4, 1.6])
def test_a_plate_in_any_light(light: float) -> None:
    assert len(find_plates(ImageEnhance.Brightness(street()).enhance(light))) == 1


def test_a_plate_that_stands_askew() -> None:
    assert len(find_plates(street(face=False).rotate(-12, Image.Resampling.BICUBIC, fillcolor="#8d9a6a"))) == 1


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (1, 1)),
        Image.new("RGB", (1600, 3), "white"),
        street(face=False, plate=""),
        street(face=False, plate="ROAD"),
        Image.effect_noise((640, 480), 60).convert("RGB"),
    ],
    ids=["a pixel", "a line", "a meadow", "a word", "noise"],
)
def test_where_there_is_none_none_is_found(picture: Image.Image) -> None:
    found = find(picture, faces=True, plates=True)
    assert (found.boxes, found.why) == ([], None)


@pytest.mark.parametrize(
    "words",
    [
        *("京A12345", "湘A·12345", "湘 A • 1 2 3 4 5", "粤BD12345", "沪AF12345", "京a1234o", "苏E0I2O3"),
        *("渐A12345", "B12345D", "A12345", "京·12345", "晋·7145警", "苏G·452B", "粤Z1234港", "川A123学", "湘A1234挂"),
    ],
)
def test_what_reads_like_a_plate(words: str) -> None:
    assert is_plate(words)


@pytest.mark.parametrize(
    "words",
    [
        *("", "芙蓉路", "STOP", "2026", "12345", "0731-88665544", "13800138000", "YAMAHA", "限速60", "A4", "COVID19"),
        *("请勿停车", "24小时营业", "No parking", "B座1201室", "HTTP 404", "营业时间9:00-18:00"),
    ],
)
def test_what_does_not(words: str) -> None:
    assert not is_plate(words)
