"""From a photo that has come in to its pictures: the worker's whole errand, beside Pillow alone on the same bytes."""

from collections.abc import Callable
from io import BytesIO

from PIL import Image

from bench.lines import phone_photo, uploading
from bench.measure import Measured, asking, compare
from bench.ours import Service
from participate.app import PHOTOS
from participate.kernel.errands import work_off

_PHOTO = phone_photo()
_QUALITY, _VIEW, _THUMB = 80, (1600, 1200), (320, 240)


def ready(service: Service) -> Measured:
    """Claimed, read, developed in the darkroom, put away and written down; others' errands about photos are not."""

    upload = asking(service.app, uploading(service.author), 201)

    def ours(calls: int) -> Callable[[], None]:
        with service.app.app_context():
            while work_off(PHOTOS, 100):
                pass
        upload(calls)()

        def run() -> None:
            with service.app.app_context():
                for _ in range(calls):
                    assert work_off(PHOTOS, 1) == 1

        return run

    return compare(ours, bare, 2)


def bare(calls: int) -> Callable[[], None]:
    """Pillow alone, with nothing kept: as its own `thumbnail` does it, with its filter."""
    data = _PHOTO

    def run() -> None:
        for _ in range(calls):
            with Image.open(BytesIO(data)) as photo:
                photo.draft("RGB", _VIEW)
                view = photo.resize(_VIEW, Image.Resampling.BICUBIC, reducing_gap=2.0)
            thumb = view.resize(_THUMB, Image.Resampling.BICUBIC, reducing_gap=2.0)
            for picture in (view, thumb):
                picture.save(BytesIO(), "JPEG", quality=_QUALITY)

    return run
