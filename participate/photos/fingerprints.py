"""A photo's fingerprint: 64 bits that stay nearly the same when it is shrunk, compressed again or passed on.

Only the worker loads this: it brings arrays and a decoder with it.
"""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SIDE, _KEPT = 32, 8
# By how much the 64 waves of a picture swing on average, in steps of grey, at least: what is flatter (a covered lens,
# a black or white page, a clear sky) would get its bits from noise, or be like every other of its kind.
FLAT = 3.0


def _waves() -> NDArray[np.float64]:
    """The slowest waves of a discrete cosine transform (type II, orthonormal) but for the constant one."""
    number, at = np.arange(1, _KEPT + 1)[:, np.newaxis], np.arange(_SIDE)
    waves: NDArray[np.float64] = np.sqrt(2 / _SIDE) * np.cos(np.pi * number * (2 * at + 1) / (2 * _SIDE))
    return waves


_WAVES = _waves()


def of(jpeg: bytes) -> int | None:
    """The fingerprint of one of our own renditions; None where there is too little to see.

    Each bit says whether one of 64 slow waves, across and down, is stronger than half of them (the pHash of Zauner,
    2010, with the constant waves left out).
    """
    picture = Image.open(BytesIO(jpeg), formats=["JPEG"])
    grey = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    swings = _WAVES @ np.asarray(grey, dtype=np.float64) @ _WAVES.T
    if float(np.sqrt((swings * swings).mean())) < FLAT:
        return None
    bits = (swings > np.median(swings)).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")
