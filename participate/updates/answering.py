"""Who answers for a submission now, and by when: a desk, a unit or an area, and nobody where it is sealed."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from participate.cases import queries as cases
from participate.catalogue import queries as catalogue
from participate.kernel.db import AnyRow
from participate.kernel.words import LANGUAGES
from participate.places import queries as places
from participate.submissions.kinds import SEALED
from participate.updates import duties

Who = str | dict[str, str]  # Words that name nobody, or a name in each language: see `telling.named`.
DESK, DISPATCH, WATCH = "who.desk", "who.dispatch", "who.watch"
HOLDER = "holder"  # The one of its case, whoever that is.
PROMISER = "promiser"  # Who is to keep what was promised.
NAMED = frozenset({HOLDER, PROMISER})
# Who answers in which state; nobody where its author is waited for, or it is over.
_BY_STATE = {
    "submission": {
        **dict.fromkeys(("received", "in_moderation", "open", "concluded"), DESK),
        **dict.fromkeys(("accepted", "assigned", "in_progress", "in_verification"), HOLDER),
        "disputed": WATCH,
    },
    "case": {
        **dict.fromkeys(("filed", "dispatched", "accepted"), HOLDER),
        **dict.fromkeys(("in_progress", "paused", "rework", "resolved"), HOLDER),
        "objected": DISPATCH,
        "disputed": WATCH,
    },
    "part": {"closed": HOLDER},
    "commitment": dict.fromkeys(("promised", "overdue"), PROMISER),
    "rectification": dict.fromkeys(("issued", "planned", "done", "rectified", "unmet"), WATCH),
    "round": dict.fromkeys(("announced", "open", "over"), DESK),
}
# Who has what is accepted and has no case: its staff file a proposal first, and a consultation never gets one.
_WITHOUT_CASE = dict.fromkeys(("micro_proposal", "micro_consultation"), DESK)


class Told(NamedTuple):
    """A step, or where something stands: what it is of (`submission`, `case`, …), in which state, and its brief."""

    subject: str
    state: str
    subject_id: str
    brief: AnyRow


class Answer(NamedTuple):
    """Who answers, and by when something comes next."""

    who: Who | None
    due_at: datetime | None


NOBODY = Answer(None, None)  # Where it is no matter of the reader's who does.


def by_state(subject: str, state: str) -> str | None:
    """The words for who answers in this state, HOLDER or PROMISER; None where nobody but its author is waited for."""
    return _BY_STATE.get(subject, {}).get(state)


def unnamed(who: str | None, kind: str) -> str | None:
    """The words for who answers, where nobody is named: no case is there, or the kind names none."""
    if who is None or who == DESK:
        return who
    if kind == SEALED:
        return WATCH
    return _WITHOUT_CASE.get(kind, DISPATCH) if who in NAMED else who


def answering(told: Collection[Told]) -> list[Answer]:
    """Who answers for each of these, and by when."""
    found = [(by_state(each.subject, each.state), each) for each in told]
    own = duties.of({(each.subject, each.state, each.subject_id) for each in told})
    held = {each.brief.id for who, each in found if who in NAMED and each.brief.kind != SEALED}
    names = (_holders(held) if held else {}) | _units({id_: duty.unit for id_, duty in own.items() if duty.unit})
    return [
        Answer(_named(who, each, names), own[each.subject_id].due_at if each.subject_id in own else each.brief.due_at)
        for who, each in found
    ]


def _named(who: str | None, each: Told, names: Mapping[str, Who]) -> Who | None:
    if who not in NAMED or each.brief.kind == SEALED:
        return unnamed(who, each.brief.kind)
    own = names.get(each.subject_id) if who == PROMISER else None
    return own or names.get(each.brief.id) or unnamed(who, each.brief.kind)


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


def _units(owned: Mapping[str, str]) -> dict[str, Who]:
    names = catalogue.unit_names(set(owned.values())) if owned else {}
    return {each: names[unit] for each, unit in owned.items() if unit in names}
