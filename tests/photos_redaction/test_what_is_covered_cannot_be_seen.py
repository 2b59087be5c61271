"""What is covered is gone from view and thumb: not only for the eye, nor for whoever sharpens it."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from participate.photos.redaction.boxes import Box
from participate.photos.redaction.covering import cover, renditions
from participate.photos.redaction.finding import find
from participate.photos.redaction.plates import find_plates
from participate.photos.redaction.texts import find_lines, read
from tests.photos_redaction.conftest import PLATE, SIZE, plain_faces, street


def covered(picture: Image.Image) -> Image.Image:
    return cover(picture, find(picture, faces=True, plates=True).boxes)


def test_neither_face_nor_plate_is_found_any_more() -> None:
    picture = covered(street())
    assert plain_faces(picture) == []
    assert find_plates(picture) == []
    assert not any("123" in read(picture, line).words for line in find_lines(picture))


def test_two_plates_cannot_be_told_apart() -> None:
    edges = (PLATE[0], PLATE[1], PLATE[2] + 1, PLATE[3] + 1)
    plates = [covered(street(plate=text)).crop(edges) for text in ("A·68036", "A·83068")]
    plain = [np.asarray(street(plate=text).crop(edges), int) for text in ("A·68036", "A·83068")]
    assert np.abs(plain[0] - plain[1]).max() > 150
    apart = np.abs(np.asarray(plates[0], int) - np.asarray(plates[1], int))
    assert apart.max() < 25


def test_the_rest_of_the_picture_stays() -> None:
    before = street()
    after = cover(before, [Box("other", 0.5, 0.5, 0.1, 0.1)])
    changed = np.argwhere(np.abs(np.asarray(before, int) - np.asarray(after, int)).sum(axis=2) > 0)
    assert ((changed >= [SIZE[1] * 0.48, SIZE[0] * 0.48]) & (changed <= [SIZE[1] * 0.62 + 1, SIZE[0] * 0.62 + 1])).all()


@pytest.mark.parametrize(
    "box", [Box("other", 0, 0, 1, 1), Box("face", 0.999, 0.999, 0.001, 0.001), Box("face", 0, 0, 0, 0)]
)
def test_a_box_of_any_size_is_taken(box: Box) -> None:
    assert cover(street(), [box]).size == SIZE


def test_the_thumb_shows_no_more_than_the_view() -> None:
    files = renditions(covered(street()))
    with Image.open(BytesIO(files["view"])) as view, Image.open(BytesIO(files["thumb"])) as thumb:
        assert (view.size, thumb.size) == (SIZE, (320, 240))
        apart = np.abs(np.asarray(thumb, int) - np.asarray(view.resize(thumb.size, Image.Resampling.BOX), int))
        assert apart.mean() < 5
        assert not {"exif", "icc_profile", "comment"} & (view.info.keys() | thumb.info.keys())
