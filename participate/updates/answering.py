"""Who answers for a submission now: a desk, a unit or an area, never a person; of what is sealed nobody is named."""

from collections.abc import Collection

from participate.cases import queries as cases
from participate.catalogue import queries as catalogue
from participate.kernel.db import AnyRow
from participate.kernel.words import LANGUAGES
from participate.places import queries as places
from participate.submissions.kinds import SEALED

Who = str | dict[str, str]  # Words that name nobody, or a name in each language: see `telling.named`.
DESK, DISPATCH, WATCH = "who.desk", "who.dispatch", "who.watch"
HOLDER = "holder"  # The one of its case, whoever that is.
# Who answers in which state; nobody where its author is waited for, or it is over.
_BY_STATE = {
    "submission": {
        **dict.fromkeys(("received", "in_moderation", "open", "concluded"), DESK),
        "accepted": DISPATCH,
        **dict.fromkeys(("assigned", "in_progress", "in_verification"), HOLDER),
        "disputed": WATCH,
    },
    "case": {
        **dict.fromkeys(("filed", "objected", "dispatched", "accepted"), HOLDER),
        **dict.fromkeys(("in_progress", "paused", "rework", "resolved"), HOLDER),
        "disputed": WATCH,
    },
}


def by_state(subject: str, state: str) -> str | None:
    """The words for who answers in this state, or HOLDER; None where nobody but its author is waited for."""
    return _BY_STATE.get(subject, {}).get(state)


def answering(told: Collection[tuple[str, str, AnyRow]]) -> list[Who | None]:
    """Who answers for each of these submissions: of what (`submission`, `case`, …) in which state, and its brief."""
    found = [(by_state(subject, state), brief) for subject, state, brief in told]
    held = {brief.id for who, brief in found if who == HOLDER and brief.kind != SEALED}
    names = _holders(held) if held else {}
    return [_named(who, brief, names) for who, brief in found]


def _named(who: str | None, brief: AnyRow, names: dict[str, Who]) -> Who | None:
    if who is None or who == DESK:
        return who
    if brief.kind == SEALED:
        return WATCH
    return names.get(brief.id, DISPATCH) if who == HOLDER else who


def _holders(submission_ids: Collection[str]) -> dict[str, Who]:
    """The unit that has the case of each, else the area whose level has it."""
    hands = cases.hands(submission_ids)
    units = catalogue.unit_names({row.unit for row in hands if row.unit})
    areas = {row.submission_id: cases.handling_area(row) for row in hands if row.area and row.unit not in units}
    names = places.names(set(areas.values()))
    found: dict[str, Who] = {
        each: dict.fromkeys(LANGUAGES, names[code]) for each, code in areas.items() if code in names
    }
    return found | {row.submission_id: units[row.unit] for row in hands if row.unit in units}
