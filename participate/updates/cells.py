"""Every cell of words that people hear by: of a kind or of all, for each step, in each language; and a preview."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from participate.cases.cohandlers.workflow import COHANDLING, NAME
from participate.cases.commitments.workflow import COMMITMENT, PROMISE
from participate.cases.parts.workflow import ENTRUST, PART
from participate.cases.rectifications.workflow import ISSUE, RECTIFICATION
from participate.cases.workflow import CASE, FILE
from participate.consultations.workflow import PLAN, ROUND, STATEMENT
from participate.kernel.clock import now
from participate.kernel.words import LANGUAGES, BadWords, Offer, known, nearest
from participate.kernel.workflow import Move, Workflow
from participate.submissions import telling
from participate.submissions.kinds import KINDS, SEALED
from participate.submissions.lives import OF_KIND
from participate.submissions.unmasking.workflow import ASK, UNMASKING
from participate.submissions.workflow import SUBMISSION, SUBMIT
from participate.updates import answering, short

_FLOWS: tuple[tuple[Workflow, Move], ...] = (
    (SUBMISSION, SUBMIT),
    (CASE, FILE),
    (PART, ENTRUST),
    (COMMITMENT, PROMISE),
    (UNMASKING, ASK),
    (RECTIFICATION, ISSUE),
    (ROUND, PLAN),
)
_PHOTO, _FOLLOWED = "step.photo.refused", tuple(f"step.follow.{each}" for each in ("opened", "closed", "closed_near"))
_CONSULTATION, _PROPOSAL, _REPORT = "micro_consultation", "micro_proposal", "snap_report"
# What fills the places of a preview: as long as what is written in a city's everyday.
SAMPLE: dict[str, Any] = {
    "reference": "SC5-7P5-9BW",
    "title": "望月路小学门口人行道井盖缺失，晚上看不见",
    "day": "2026-11-26",
    "area": "望月湖街道",
    "number": "2026-0128",
    "carried": "7K3-F9Q-X4C",
    "reason": "photo.not_an_image",
}
UNIT = {"zh-Hans": "城市管理和综合执法局", "en": "Urban Management Bureau"}
_MAY_LACK = {"area"}  # A kind that names nobody names no place either.
_NOTE = {"zh-Hans": "已派人到场查看，预计周五完成。", "en": "Somebody has been there; it should be done by Friday."}


def heard(*shown_to: str) -> list[tuple[Workflow, Move]]:
    """All steps that the submitter hears of, from the workflows' own tables; or that these hear of."""
    steps = [(flow, move) for flow, _ in _FLOWS for move in flow.moves] + list(_FLOWS)
    return [(flow, move) for flow, move in steps if move.shown_to in (shown_to or telling.HEARD)]


def offers() -> dict[str, Offer]:
    """Which places the words of each step may have, and those of what comes next, which have none."""
    found, title = dict[str, Offer](), frozenset({"title"})
    silent = [(COHANDLING, move) for move in (NAME, *COHANDLING.moves)]
    silent += [(STATEMENT, move) for move in STATEMENT.moves]
    for flow, move in [*heard("author", "public", "desk"), *silent]:
        says, must = frozenset(move.says), frozenset({"reference", *move.says} - _MAY_LACK)
        found[f"step.{flow.name}.{move.name}"] = Offer(must, says | title)
        found[f"sms.{flow.name}.{move.name}"] = Offer(frozenset({"reference"}), says | title)
        found |= {f"next.{flow.name}.{state}": Offer(frozenset()) for state in flow.states}
    found |= {key: Offer(frozenset({"reference"}), title) for key in _FOLLOWED}
    return found | {
        _PHOTO: Offer(frozenset({"reason"})),
        "sms.photo.refused": Offer(frozenset(), frozenset({"reason"})),
    }


def check() -> None:
    """Raises BadWords naming each cell that does not fit into one part of a text message."""
    cells = ((kind, key, state) for kind in KINDS for key, state in keys_of(kind))
    faults = [
        f"{nearest(key, kind)} ({language}): longer than {short.PART}; give {key.replace('step.', 'sms.', 1)}"
        for kind, key, _ in cells
        for language in LANGUAGES
        if short.body(key, language, SAMPLE | {"kind": kind, "title": "字" * short.TITLE}).endswith(short.MORE)
    ]
    if faults:
        raise BadWords("\n".join(dict.fromkeys(faults)))


def preview(kind: str, move: str | None = None, language: str | None = None) -> list[dict[str, Any]]:
    """What the submitter of such a kind reads of each step, or of this one, with values that are made up.

    `own`: the kind has words of its own for it.
    """
    return [
        {"kind": kind, "subject": key.split(".")[1], "move": key.split(".")[2], "own": nearest(key, kind) != key}
        | _read(kind, key, state, each)
        for key, state in keys_of(kind)
        if move in {None, key.split(".")[2]}
        for each in ([language] if language else LANGUAGES)
    ]


def keys_of(kind: str) -> Iterator[tuple[str, str]]:
    """The keys of all steps that a submission of this kind may make, each with the state that it leaves it in."""
    for flow, move in heard():
        if _walks(kind, flow, move):
            left_in = [state for state in flow.states if state in move.sources]
            yield f"step.{flow.name}.{move.name}", move.target or (left_in or [flow.initial])[-1]
    if KINDS[kind].public:
        yield from ((key, "") for key in _FOLLOWED)
    yield _PHOTO, ""


def _walks(kind: str, flow: Workflow, move: Move) -> bool:
    """Whether such a kind makes this move at all: a consultation has rounds, promises and no case."""
    makers = [maker for maker, own in OF_KIND.items() if move.name in own]
    if flow is SUBMISSION and makers and kind not in makers:
        return False
    if flow in (UNMASKING, RECTIFICATION):
        return kind == SEALED
    if kind == _CONSULTATION:
        return flow in (COMMITMENT, ROUND) or (flow is SUBMISSION and move.name not in {"reopen", "dispute", "vouch"})
    if move.name == "publish":
        return kind == _PROPOSAL
    if move.name in {"vouch", "settle", "let_stand"}:
        return kind == _REPORT
    return flow is not ROUND and not (flow is SUBMISSION and move.name in {"open", "conclude", "close"})


def _read(kind: str, key: str, state: str, language: str) -> dict[str, Any]:
    subject = key.split(".")[1]
    kept = SAMPLE | {"kind": kind, "who": _who(kind, subject, state)}
    following = f"next.{subject}.{state}"
    coming = following if known(following) else None
    due_at = now() + timedelta(days=3) if kept["who"] else None
    return {
        "language": language,
        "text": telling.text(key, language, kept | {"note": _NOTE[language] if _has_note(key) else None}),
        "next": telling.spoken(coming, language, kept) if coming else None,
        "who": telling.named(kept["who"], language),
        "short": short.short(key, language, kept, coming, due_at),
    }


def _who(kind: str, subject: str, state: str) -> answering.Who | None:
    who = answering.by_state(subject, state)
    if who == answering.HOLDER:
        return answering.WATCH if kind == SEALED else UNIT
    return who


def _has_note(key: str) -> bool:
    return any(
        key == f"step.{flow.name}.{move.name}" and move.note_to in telling.HEARD and "note" in move.needs
        for flow, move in heard()
    )
