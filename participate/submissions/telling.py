"""What a step says to those who hear of it: the same words in a preview, in updates and in the timeline."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from participate.kernel.db import AnyRow, rows
from participate.kernel.words import say
from participate.kernel.workflow import TimelineEntry

HEARD = ("author", "public")  # Whom a step or its note is shown to where its author hears of it.


def values(step: AnyRow, brief: AnyRow, readers: Sequence[str] = HEARD) -> dict[str, Any]:
    """What fills the words of a step (its `note`, `note_to` and `data`) of this submission, as it is kept.

    The note is for those of `readers` alone.
    """
    note = step.note if step.note_to in readers else None
    said = {"said": step.data["said"]} if note and "said" in step.data else {}
    said |= {name: step.data[name] for name in ("day", "area") if name in step.data}
    return {"reference": brief.reference, "title": brief.title or "", "note": note} | said


_SINCE = (
    select(
        TimelineEntry.subject_type, TimelineEntry.move, TimelineEntry.note, TimelineEntry.note_to, TimelineEntry.data
    )
    .where(
        TimelineEntry.subject_id == bindparam("submission"),
        TimelineEntry.version > bindparam("version"),
        TimelineEntry.shown_to.in_(HEARD),
    )
    .order_by(TimelineEntry.version)
)


def since(submission_id: str, version: int) -> Sequence[AnyRow]:
    """The steps behind a submission's `version` that its author hears of."""
    return rows(_SINCE, {"submission": submission_id, "version": version})


def text(words: str, language: str, kept: dict[str, Any]) -> str:
    """A step in `language`; `words` names its words, which `kept` fills, and the note follows if there is one."""
    filled = dict(kept)
    note, said, reason = (filled.pop(name, None) for name in ("note", "said", "reason"))
    told = say(words, language, **filled, reason=say(reason, language) if reason else "")
    note = noted(note, {"said": said} if said else {}, language)
    return f"{told}{say('submissions.note', language, note=note)}" if note else told


def noted(note: str | None, data: dict[str, Any], language: str) -> str | None:
    """A step's note in `language`, where it is there in several: see `said` in `data`."""
    said: dict[str, str] = data.get("said") or {}
    return said.get(language, note) if note else note
