"""Finds all that must be covered in a picture, as far as what finds it is installed, switched on and works."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from PIL import Image

from participate.photos.redaction.boxes import Box
from participate.photos.redaction.faces import find_faces
from participate.photos.redaction.networks import NotInstalled
from participate.photos.redaction.plates import find_plates

# Why a moderator has to look: codes, stable.
NOT_INSTALLED, FAILED, SWITCHED_OFF = WHYS = ("not_installed", "failed", "switched_off")

_log = logging.getLogger(__name__)
Find = Callable[[Image.Image], list[Box]]


@dataclass
class Found:
    """What was found; `why` says why there may be more, None where all was looked for."""

    boxes: list[Box] = field(default_factory=list)
    why: str | None = None


def find(picture: Image.Image, faces: bool, plates: bool) -> Found:
    """The faces and plates in an upright RGB picture, each if it is to be looked for. Raises nothing."""
    found = Found()
    for wanted, finder in ((faces, find_faces), (plates, find_plates)):
        if wanted:
            with _noting(found):
                found.boxes += finder(picture)
        else:
            found.why = found.why or SWITCHED_OFF
    return found


@contextmanager
def _noting(found: Found) -> Iterator[None]:
    """Whatever a network does, the photo waits for a look and is not lost."""
    try:
        yield
    except NotInstalled as error:
        _log.warning("nothing is there to find faces or plates with", extra={"reason": str(error)})
        found.why = NOT_INSTALLED
    except Exception:
        _log.exception("faces or plates could not be looked for")
        found.why = FAILED
