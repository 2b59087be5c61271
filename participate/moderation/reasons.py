"""Why something is returned, rejected, merged or hidden: a maintained list, with the words that its author reads."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import select, update

from participate.audit import service as audit
from participate.kernel.clock import now
from participate.kernel.db import rows, table, transaction
from participate.kernel.errors import Conflict, Fault, Invalid, Missing, Stale
from participate.kernel.inserting import inserting
from participate.moderation.models import ModerationReason

MOST = 100  # reasons: a list that nobody reads to its end helps nobody to choose
_COLUMN = {"zh-Hans": "zh", "en": "en"}
_REFERENCE = "{reference}"  # What may stand in a text for the submission's own.
_COLUMNS = (
    ModerationReason.code,
    ModerationReason.decisions,
    ModerationReason.label_zh,
    ModerationReason.label_en,
    ModerationReason.text_zh,
    ModerationReason.text_en,
    ModerationReason.active,
    ModerationReason.version,
)


@cache
def _starter() -> dict[str, dict[str, Any]]:
    """The reasons that come with the service, by code."""
    listed = json.loads((files(__package__) / "reasons.json").read_text(encoding="utf-8"))
    return {each["code"]: {"active": True, "version": 0} | each for each in listed}


def known() -> dict[str, dict[str, Any]]:
    """All reasons by code, those no longer used too: what the city has changed or added stands before the starter's."""
    own = {row.code: dict(row._asdict()) for row in rows(select(*_COLUMNS))}
    return _starter() | own


def check(act: str, code: str | None) -> None:
    """Raises Invalid for a reason that is not on the list, or not for this decision."""
    choices = sorted(each["code"] for each in known().values() if each["active"] and act in each["decisions"])
    if code is not None and code not in choices:
        fault = (
            Fault("reason", "choice", (("choices", ", ".join(choices)),)) if choices else Fault("reason", "unwanted")
        )
        raise Invalid(fault)


def said(code: str, note: str, reference: str) -> dict[str, str]:
    """What the author reads in each language: the reason's words, and the moderator's own below."""
    reason = known()[code]
    texts = {language: reason[f"text_{column}"].replace(_REFERENCE, reference) for language, column in _COLUMN.items()}
    return {language: f"{text}\n{note}" if text else note for language, text in texts.items()}


@dataclass(frozen=True)
class Wording:
    """What a reason is to be; `label` and `text` by language."""

    decisions: tuple[str, ...]
    label: dict[str, str]
    text: dict[str, str]
    active: bool = True


def present(reason: dict[str, Any]) -> dict[str, Any]:
    """A reason as the API shows it."""
    return {
        "code": reason["code"],
        "decisions": list(reason["decisions"]),
        "label": {language: reason[f"label_{column}"] for language, column in _COLUMN.items()},
        "text": {language: reason[f"text_{column}"] for language, column in _COLUMN.items()},
        "active": reason["active"],
        "version": reason["version"],
    }


def listed() -> list[dict[str, Any]]:
    """All reasons as the API shows them, by code; there are never more than MOST."""
    return [present(reason) for _, reason in sorted(known().items())]


def single(code: str) -> dict[str, Any]:
    """A reason as the API shows it. Raises Missing."""
    found = known().get(code)
    if found is None:
        raise Missing
    return present(found)


def save(account_id: str, code: str, wording: Wording, expected_version: int | None) -> None:
    """Change a reason, or add one. What was decided with it keeps the words that its author has read.

    Raises Invalid, Stale where it has changed since `expected_version`, or is there and no version is named, and
    Conflict (`reasons_full`).
    """
    _check_texts(wording)
    with transaction():
        reasons = known()
        present_version = reasons[code]["version"] if code in reasons else None
        if expected_version != present_version:
            raise Stale
        if present_version is None and len(reasons) >= MOST:
            raise Conflict("reasons_full")
        version = (present_version or 0) + 1
        row = _row(wording) | {"version": version, "updated_by": account_id, "updated_at": now()}
        if not _written(code, row):
            raise Stale
        audit.record("moderation_reason.changed", "moderation_reason", code, account_id, version=version)


def _check_texts(wording: Wording) -> None:
    """Raises Invalid for braces around anything but the reference: nothing would fill them."""
    held = {language: text.replace(_REFERENCE, "") for language, text in wording.text.items()}
    wrong = [language for language, text in held.items() if "{" in text or "}" in text]
    if wrong:
        raise Invalid(*(Fault(f"text.{language}", "placeholder") for language in wrong))


def _row(wording: Wording) -> dict[str, Any]:
    row: dict[str, Any] = {"decisions": list(wording.decisions), "active": wording.active}
    for language, column in _COLUMN.items():
        row |= {f"label_{column}": wording.label[language], f"text_{column}": wording.text[language]}
    return row


def _written(code: str, row: dict[str, Any]) -> bool:
    """Whether this version is the next one: of two who write it, one does."""
    held = table(ModerationReason)
    changed = update(held).where(held.c.code == code, held.c.version == row["version"] - 1).values(**row)
    if rows(changed.returning(held.c.code)):
        return True
    made = inserting(held).values(code=code, **row)
    return row["version"] == 1 and bool(rows(made.on_conflict_do_nothing().returning(held.c.code)))
