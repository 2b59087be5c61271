"""Finds faces, with CenterFace (arXiv:1911.03599): it says for each spot how likely a face's middle is there."""

import math
from functools import partial

import numpy as np
from PIL import Image

from participate.photos.redaction.boxes import Box, distinct
from participate.photos.redaction.networks import FACES, network, run

# Looked at several times: a crowd shows in the larger picture, a face that fills the photo in the smaller one; and who
# lies, or was taken by a phone that did not tell how it was held, shows in one that is turned.
SIDES = (960, 320)
TURNED_SIDE = 640
SURE = 0.35  # Below this it is more often a knot in the wood than a face.
_STEP, _ROUND = 4, 32  # pixels: between two spots, and what sides must be a multiple of.
_MOST_ALIKE = 0.3


def find_faces(picture: Image.Image) -> list[Box]:
    """The faces in an RGB picture. Raises networks.NotInstalled."""
    found: list[Box] = []
    for side in SIDES:
        if side == SIDES[0] or max(picture.size) > side:
            found += _at(picture, side)
    scale = min(TURNED_SIDE / max(picture.size), 1.0)
    small = picture.resize([max(round(length * scale), 1) for length in picture.size], Image.Resampling.BILINEAR)
    found += [_turned_back(box) for box in _at(small.transpose(Image.Transpose.ROTATE_270), TURNED_SIDE)]
    found += [_turned_back(_halfway(box)) for box in _at(small.transpose(Image.Transpose.ROTATE_90), TURNED_SIDE)]
    return distinct(found, _MOST_ALIKE)


def _turned_back(box: Box) -> Box:
    """A box of a picture that was turned a quarter as the clock turns, in the picture before."""
    return Box(box.kind, box.y, 1 - box.x - box.w, box.h, box.w, box.sure)


def _halfway(box: Box) -> Box:
    """A box of a picture that was turned a quarter against the clock, in the one that was turned as the clock turns."""
    return Box(box.kind, 1 - box.x - box.w, 1 - box.y - box.h, box.w, box.h, box.sure)


def _at(picture: Image.Image, side: int) -> list[Box]:
    scale = min(side / max(picture.size), 1.0)
    width, height = (max(round(length * scale / _ROUND), 1) * _ROUND for length in picture.size)
    pixels = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR), np.float32)
    likely, size, shift, _ = run(network(*FACES), pixels.transpose(2, 0, 1)[None])
    return [_box(y, x, likely, size, shift, width, height) for y, x in np.argwhere(likely[0, 0] > SURE).tolist()]


def _box(y: int, x: int, likely: np.ndarray, size: np.ndarray, shift: np.ndarray, width: int, height: int) -> Box:
    at = partial(_value, y=y, x=x)
    high, wide = _STEP * math.exp(at(size, 0)), _STEP * math.exp(at(size, 1))
    top, left = _STEP * (y + at(shift, 0) + 0.5) - high / 2, _STEP * (x + at(shift, 1) + 0.5) - wide / 2
    sure = at(likely, 0)
    return Box("face", left / width, top / height, wide / width, high / height, sure).clipped()


def _value(layers: np.ndarray, layer: int, y: int, x: int) -> float:
    return float(layers[0, layer, y, x])
