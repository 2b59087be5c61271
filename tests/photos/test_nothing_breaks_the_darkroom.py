"""What is made to break a decoder is refused or cleanly decoded, within the memory and time that a photo may cost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from participate.photos.developing import Darkroom
from participate.photos.limits import Bounds
from participate.photos.outcome import Decoded, Reason, Refused
from tests.photos.hostile import MADE, PHONE, saved

# Those that are photos all the same.
CLEAN = {
    "jpeg and page",
    "gif and archive",
    "jpeg and film",
    "jpeg within jpeg",
    "jpeg of remarks",
    "png of one colour",
}
CLEAN |= {"jpeg whose directories loop"}
# Those of which either may be said: it depends on the decoder's version.
EITHER = {
    "png of pixels that go on",
    "png with a palette of nothing",
    "webp larger than it is",
    "jpeg larger than it is",
}
EITHER |= {name for name in MADE if name.endswith("with a hole")}
TOO_MUCH = {Reason.TOO_MANY_PIXELS, Reason.TOO_LARGE_FOR_FORMAT, Reason.TOO_MANY_FRAMES}


@pytest.fixture(scope="module")
def darkroom() -> Iterator[Darkroom]:
    room = Darkroom()
    yield room
    room.close()


def fate(room: Darkroom, data: bytes) -> Decoded | Reason:
    try:
        return room.develop(data, ZoneInfo("Asia/Shanghai"), Bounds(), datetime.now(UTC))
    except Refused as refused:
        return refused.code


@pytest.mark.parametrize("name", MADE)
def test_it_is_refused_or_decoded(darkroom: Darkroom, name: str) -> None:
    outcome = fate(darkroom, MADE[name]())
    assert outcome not in {Reason.TOO_SLOW, Reason.TOO_HEAVY}, "it was not even stopped by a limit"
    if name not in EITHER:
        assert isinstance(outcome, Decoded if name in CLEAN else Reason)
    if "squared" in name and name not in CLEAN:
        assert outcome in TOO_MUCH | {Reason.BROKEN}
    if "frames" in name:
        assert outcome is Reason.TOO_MANY_FRAMES


@pytest.mark.parametrize("form", PHONE)
def test_the_bytes_tell_the_format_and_not_the_name(darkroom: Darkroom, form: str) -> None:
    photo = fate(darkroom, saved(form))
    assert isinstance(photo, Decoded)
    assert photo.media_type in {f"image/{form.lower()}", "image/heic"}
