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
from participate.kernel.words import LANGUAGES, BadWords, Offer, nearest
from participate.kernel.workflow import Move, Workflow
from participate.submissions import telling
from participate.submissions.kinds import KINDS, SEALED
from participate.submissions.lives import OF_KIND
from participate.submissions.unmasking.workflow import ASK, UNMASKING
from participate.submissions.workflow import SUBMISSION, SUBMIT
from participate.updates import answering, cosigning, short

_FLOWS: tuple[tuple[Workflow, Move], ...] = (
    (SUBMISSION, SUBMIT),
    (CASE, FILE),
    (PART, ENTRUST),
    (COMMITMENT, PROMISE),
    (UNMASKING, ASK),
    (RECTIFICATION, ISSUE),
    (ROUND, PLAN),
)
_PHOTO = "step.photo.refused"
FOLLOWED = tuple(f"step.follow.{each}" for each in ("opened", "verified", "published", "closed", "closed_near"))
# What others hear beside the submitter: staff, members, those who took part.
OTHERS = (
    *(f"step.case.{each}" for each in ("warned", "feedback_missed")),
    *(cosigning.INVITED_WORDS, cosigning.AGAIN, cosigning.LAPSED),
    *(f"step.absence.{each}" for each in ("named", "ended")),
    *(f"step.statement.{each}" for each in ("show", "refuse")),
    *("step.part.verify", "step.rectification.to_unit", "step.webhook.disabled", "step.broadcast.announce"),
)
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
    "grade": "B",
    "mark": "key",
    "percent": 80,
    "absentee": "王晓明",
    "deputy": "李芳",
    "since": "2026-11-26 09:00",
    "until": "2026-12-10 18:00",
    "host": "hooks.example.org",
}
# In which state a step is shown that may be made in several and leaves it there.
_USUAL = {"micro_consultation": ("open",), None: ("in_progress", "accepted", "planned")}
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
        found |= {f"next.{flow.name}.{each}": Offer(frozenset()) for each in (*flow.states, *flow.by_name)}
    for key in FOLLOWED:
        found[key] = found[key.replace("step.", "sms.", 1)] = Offer(frozenset({"reference"}), title | {"grade"})
    return found | {
        _PHOTO: Offer(frozenset({"reason"})),
        "sms.photo.refused": Offer(frozenset(), frozenset({"reason"})),
    }


def check() -> None:
    """Raises BadWords naming each cell that does not fit into one part of a text message."""
    cells: list[tuple[str | None, str]] = [(kind, key) for kind in KINDS for key, _ in keys_of(kind)]
    faults = [
        f"{nearest(key, kind)} ({language}): longer than {short.PART}; give {key.replace('step.', 'sms.', 1)}"
        for kind, key in [*cells, *((None, key) for key in OTHERS)]
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
            yield f"step.{flow.name}.{move.name}", move.target or _left_in(kind, flow, move)
    if KINDS[kind].public:
        yield from ((key, "") for key in FOLLOWED)
    yield _PHOTO, ""


def _left_in(kind: str, flow: Workflow, move: Move) -> str:
    left_in = [state for state in flow.states if state in move.sources] or [flow.initial]
    usual = [state for state in _USUAL.get(kind, _USUAL[None]) if state in left_in]
    return (usual or left_in[-1:])[0]


def _walks(kind: str, flow: Workflow, move: Move) -> bool:
    """Whether such a kind makes this move at all: a consultation has rounds, promises and no case."""
    makers = [maker for maker, own in OF_KIND.items() if move.name in own]
    if flow is SUBMISSION and makers and kind not in makers:
        return False
    if flow in (UNMASKING, RECTIFICATION):
        return kind == SEALED
    if kind == _CONSULTATION:
        return flow in (COMMITMENT, ROUND) or (flow is SUBMISSION and move.name not in {"reopen", "dispute", "vouch"})
    if move.name in {"vouch", "settle", "let_stand"}:
        return kind == _REPORT
    if move.name in {"reclassify", "publish"}:
        return kind == _PROPOSAL
    return flow is not ROUND and not (flow is SUBMISSION and move.name in {"open", "conclude", "close"})


def _read(kind: str, key: str, state: str, language: str) -> dict[str, Any]:
    subject = key.split(".")[1]
    kept = SAMPLE | {"kind": kind, "who": _who(kind, subject, state)}
    coming = telling.following(subject, key.split(".")[2], state)
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
    is_given = who in answering.NAMED and kind != SEALED and (subject, state) != ("submission", "accepted")
    return UNIT if is_given else answering.unnamed(who, kind)


def _has_note(key: str) -> bool:
    return any(
        key == f"step.{flow.name}.{move.name}" and move.note_to in telling.HEARD and "note" in move.needs
        for flow, move in heard()
    )
