"""All that a text alone gives reason to look at, each looked for by itself."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from participate.kernel.context import settings
from participate.moderation.screening import channels, lexicon, personal, spam
from participate.moderation.screening.folding import Folded, fold
from participate.moderation.screening.found import NOT_SCREENED, Found

CODES = (NOT_SCREENED, *lexicon.CODES, *personal.CODES, *spam.CODES, *channels.CODES)
_NO_PROSE = {"watched_unit", "service"}  # Ids and codes among the details.
_log = logging.getLogger(__name__)


def _words(text: Folded) -> Iterable[Found]:
    return lexicon.words(text, lexicon.lexicon(settings().lexicon_dir))


_DETECTORS: tuple[Callable[[Folded], Iterable[Found]], ...] = (
    *(_words, personal.personal, spam.spam, spam.short),
    channels.channels,
)


def text_flags(title: str | None, body: str, details: Mapping[str, Any]) -> list[Found]:
    """What title, body and the texts among the details are flagged for; where one detector fails, that is said beside
    what the others find."""
    answers = details.get("answers") or {}
    said = [value for name, value in details.items() if isinstance(value, str) and name not in _NO_PROSE]
    said += [value for value in answers.values() if isinstance(value, str)]
    text = fold("\n".join(part for part in (title, body, *said) if part))
    found, failed = list[Found](), False
    for detector in _DETECTORS:
        try:
            found += detector(text)
        except Exception:
            _log.exception("a detector failed", extra={"detector": getattr(detector, "__name__", "")})
            failed = True
    return [*found, Found(NOT_SCREENED, "flag.not_screened_text")] if failed else found
