"""All that is looked for in a submission, each by itself: what fails takes nothing else with it."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping

from sqlalchemy.exc import OperationalError

from participate.kernel.errors import Unavailable
from participate.moderation.flags import Flag, flag
from participate.moderation.screening import duplicates, history, learning, places, repeats, text
from participate.moderation.screening.found import NOT_SCREENED
from participate.moderation.screening.subjects import Subject, subject

Detector = Callable[[Subject], Iterable[Flag]]
_log = logging.getLogger(__name__)


def _text(subject: Subject) -> Iterator[Flag]:
    row = subject.row
    for found in text.text_flags(row.title, row.body, row.details):
        yield flag(found.code, found.why, **found.values)


# By the words that say that it has failed. What takes no time is looked at when flags are written down.
LONG: Mapping[str, Detector] = {
    "flag.not_screened_text": _text,
    "flag.not_screened_repeats": repeats.repeated,
    "flag.not_screened_history": history.history,
    "flag.not_screened_duplicates": duplicates.likely,
    "flag.not_screened_category": learning.suggested,
}
PHOTOS: Mapping[str, Detector] = {"flag.not_screened_photos": places.photos}
PHOTO_CODES = frozenset(places.CODES)
CODES = PHOTO_CODES | {*text.CODES, *repeats.CODES, *history.CODES, *duplicates.CODES, *learning.CODES}


def screen(submission_id: str, detectors: Mapping[str, Detector]) -> list[Flag] | None:
    """The flags that these detectors find a submission to deserve; None where it does not wait for moderation."""
    found = subject(submission_id)
    return None if found is None else list(_flags(found, detectors))


def _flags(found: Subject, detectors: Mapping[str, Detector]) -> Iterator[Flag]:
    failed = []
    for why, detector in detectors.items():
        try:
            flags = list(detector(found))
        except (Unavailable, OperationalError):
            raise  # What all need is away, and will be back.
        except Exception:
            _log.exception("a detector failed", extra={"detector": why, "submission": found.row.id})
            failed.append(why)
        else:
            yield from (each for each in flags if each["code"] != NOT_SCREENED)
            failed += [each["why"] for each in flags if each["code"] == NOT_SCREENED]
    if failed:
        yield flag(NOT_SCREENED, failed[0] if len(failed) == 1 else "flag.not_screened")
