"""The table's line: a photo looked through for faces and plates and put away covered, beside decoding it."""

from collections.abc import Callable

from bench.lines import uploading
from bench.measure import Measured, asking, compare
from bench.ours import Service
from bench.photos import bare
from participate.app import PHOTOS, REDACTION
from participate.kernel.errands import work_off


def looked_through(service: Service) -> Measured:
    """The worker's whole errand; networks are loaded once before, as in a process that lives on."""
    upload = asking(service.app, uploading(service.author), 201)

    def ours(calls: int) -> Callable[[], None]:
        upload(calls)()
        with service.app.app_context():
            while work_off(PHOTOS, 100) or work_off("facts", 100):
                pass

        def run() -> None:
            with service.app.app_context():
                for _ in range(calls):
                    assert work_off(REDACTION, 1) == 1

        return run

    return compare(ours, bare, 1)
