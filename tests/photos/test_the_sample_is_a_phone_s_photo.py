"""The sample that a newcomer starts with is a photo like a phone's, and tells its place and time."""

from datetime import datetime, timedelta, timezone
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base

from participate.photos.decode import decode
from participate.photos.sample import draw_sample

MOMENT = datetime(2026, 5, 4, 9, 30, 12, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(28.2282, 112.9388), (-33.856784, 151.215297), (0.000001, -0.000001), (-90, 180), (27.999999999, -112.999999999)],
)
def test_the_place_is_read_back(lat: float, lon: float) -> None:
    photo = decode(draw_sample(lat, lon, MOMENT), ZoneInfo("UTC"))
    assert photo.position == pytest.approx((lat, lon), abs=1e-6)
    assert photo.taken_at == MOMENT
    assert photo.taken_at.utcoffset() == timedelta(hours=8)


def test_it_is_a_photo_of_twelve_megapixels_and_below_three_megabytes() -> None:
    data = draw_sample(28.2282, 112.9388, MOMENT)
    assert 1_000_000 < len(data) < 3_000_000
    with Image.open(BytesIO(data)) as picture:
        assert picture.size == (4000, 3000)
        exif = picture.getexif()
        assert exif[Base.Model]
        assert exif.get_ifd(IFD.Exif)[Base.OffsetTimeOriginal] == "+08:00"


def test_the_same_words_draw_the_same_bytes() -> None:
    assert draw_sample(1, 2, MOMENT) == draw_sample(1, 2, MOMENT)


@pytest.mark.parametrize(
    ("lat", "lon", "moment"), [(91, 0, MOMENT), (0, 181, MOMENT), (0, 0, MOMENT.replace(tzinfo=None))]
)
def test_no_sample_from_nowhere(lat: float, lon: float, moment: datetime) -> None:
    with pytest.raises(ValueError, match="a sample needs"):
        draw_sample(lat, lon, moment)
