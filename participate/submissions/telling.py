"""What a step says to those who hear of it: the same words in a preview, in updates and in the timeline."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from participate.kernel.db import AnyRow, rows
from participate.kernel.words import known, nearest, say
from participate.kernel.workflow import TimelineEntry

HEARD = ("author", "public")  # Whom a step or its note is shown to where its author hears of it.
# What of a step's data its words may speak of, to whoever hears of the step: see `says` of a move.
BROUGHT = ("day", "area", "who", "number", "carried", "grade", "mark")
_MARKS = {"key": "mark.key", "excellent": "mark.excellent"}
# Where the author alone is waited for: what comes next is said to nobody else.
_AUTHORS_TURN = frozenset({"next.submission.returned", "next.submission.rejected", "next.submission.merged"})
_UNSAID = dict.fromkeys(("reference", "title", "reason", *BROUGHT), "")


def values(step: AnyRow, brief: AnyRow, readers: Sequence[str] = HEARD) -> dict[str, Any]:
    """What fills the words of a step (its `note`, `note_to` and `data`) of this submission, as it is kept.

    The note is for those of `readers` alone. The `kind` says in whose terms it is spoken.
    """
    note = step.note if step.note_to in readers else None
    said = {"said": step.data["said"]} if note and "said" in step.data else {}
    about = {"reference": brief.reference, "title": brief.title or "", "kind": brief.kind, "note": note}
    return about | said | brought(step.data)


def brought(data: dict[str, Any]) -> dict[str, Any]:
    """What of a step's data its words may speak of."""
    return {name: data[name] for name in BROUGHT if name in data}


def following(subject: str, move: str, state: str, readers: Sequence[str] = HEARD) -> str | None:
    """The words for what comes next: after just this move, or else in this state; None where there are none."""
    after, then = f"next.{subject}.{move}", f"next.{subject}.{state}"
    found = after if known(after) else then if known(then) else None
    return None if found in _AUTHORS_TURN and "author" not in readers else found


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
    told = spoken(words, language, kept)
    note = noted(kept.get("note"), kept, language)
    return f"{told}{say('submissions.note', language, note=note)}" if note else told


def spoken(words: str, language: str, kept: dict[str, Any]) -> str:
    """What `words` say, in terms of the kind that `kept` names, without the note."""
    reason, mark = kept.get("reason"), _MARKS.get(kept.get("mark", ""), "mark.some")
    filled = _UNSAID | kept | {"who": named(kept.get("who"), language) or "", "mark": say(mark, language)}
    return say(
        nearest(words, kept.get("kind")), language, **filled | {"reason": say(reason, language) if reason else ""}
    )


def named(kept: dict[str, str] | str | None, language: str) -> str | None:
    """Who answers: a name in each language, or the key of words that name nobody."""
    return say(kept, language) if isinstance(kept, str) else (kept or {}).get(language)


def noted(note: str | None, data: dict[str, Any], language: str) -> str | None:
    """A step's note in `language`, where it is there in several: see `said` in `data`."""
    said: dict[str, str] = data.get("said") or {}
    return said.get(language, note) if note else note
