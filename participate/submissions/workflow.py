"""The journey of a submission, as a table; from `accepted` on it follows its case, or its consultation."""

from typing import Any

from participate.kernel.workflow import SYSTEM, Actor, Move, Workflow

AUTHOR, MODERATOR = "author", "moderator"
MODERATION, CASE = "moderation", "case"  # The desks through which a move is made, where it is not the author's.
MAX_REOPENINGS = 2
RATE_DAYS = 14

STAGES = {
    "received": "intake",
    "in_moderation": "moderation",
    "returned": "moderation",
    "rejected": "moderation",
    "merged": "moderation",
    "accepted": "triage",
    "assigned": "decision",
    "in_progress": "action",
    "open": "action",
    "in_verification": "verification",
    "answered": "evaluation",
    "concluded": "evaluation",
    "closed": "feedback",
    "withdrawn": "feedback",
}


def _has_appealed(row: Any, _actor: Actor) -> str | None:
    return "appealed_already" if row.appeals else None


def _has_reopened(row: Any, _actor: Actor) -> str | None:
    return "reopened_already" if row.reopenings >= MAX_REOPENINGS or row.kind == "micro_consultation" else None


def _is_own(row: Any, actor: Actor) -> str | None:
    return "own_submission" if row.author_id == actor.account_id else None


def _is_consultation(row: Any, _actor: Actor) -> str | None:
    return None if row.kind == "micro_consultation" else "wrong_kind"


def _in(*states: str) -> frozenset[str]:
    return frozenset(states)


def _follow(name: str, sources: frozenset[str], target: str, fact: str, why: str) -> Move:
    """A move that only the submission's case makes; the case's own move is what people are told."""
    return Move(name, sources, target, _in(SYSTEM), fact, why, shown_to="desk", through=CASE)


SUBMIT = Move("submit", _in(), "received", _in(AUTHOR), "received", "A resident hands it in.", shown_to="author")

SUBMISSION = Workflow(
    "submission",
    "received",
    STAGES,
    (
        Move(
            "admit",
            _in("received"),
            "in_moderation",
            _in(SYSTEM),
            "admitted",
            "Its place is known as well as it can be; photos may still wait to be looked at.",
            shown_to="author",
        ),
        Move(
            "accept",
            _in("in_moderation"),
            "accepted",
            _in(MODERATOR),
            "accepted",
            "It is in order; from here on it has an owner.",
            guard=_is_own,
            through=MODERATION,
        ),
        Move(
            "return",
            _in("in_moderation"),
            "returned",
            _in(MODERATOR),
            "returned",
            "Something is missing that its author can mend.",
            needs=("note",),
            guard=_is_own,
            shown_to="author",
            note_to="author",
            through=MODERATION,
        ),
        Move(
            "reject",
            _in("in_moderation"),
            "rejected",
            _in(MODERATOR),
            "rejected",
            "It cannot be taken up; the author hears why and may appeal.",
            needs=("reason", "note"),
            guard=_is_own,
            shown_to="author",
            note_to="author",
            through=MODERATION,
        ),
        Move(
            "merge",
            _in("in_moderation"),
            "merged",
            _in(MODERATOR),
            "merged",
            "Another submission says the same; from here on it follows that one.",
            needs=("target",),
            guard=_is_own,
            shown_to="author",
            note_to="author",
            through=MODERATION,
        ),
        Move(
            "split",
            _in("merged"),
            "in_moderation",
            _in(AUTHOR),
            "split",
            "The author says that it is another matter.",
            needs=("note",),
            shown_to="author",
            note_to="author",
        ),
        Move(
            "release",
            _in("merged"),
            "in_moderation",
            _in(SYSTEM),
            "released",
            "What it followed is followed no more.",
            shown_to="author",
        ),
        Move(
            "amend",
            _in("in_moderation"),
            None,
            _in(MODERATOR),
            "amended",
            "Its kind, category or place was not the right one.",
            guard=_is_own,
            shown_to="author",
            note_to="author",
            through=MODERATION,
        ),
        Move(
            "redact",
            _in("in_moderation"),
            None,
            _in(MODERATOR),
            "redacted",
            "Words are taken out that not everyone should read; the original is kept.",
            guard=_is_own,
            shown_to="author",
            note_to="author",
            through=MODERATION,
        ),
        Move(
            "hide_photo",
            _in("in_moderation"),
            None,
            _in(MODERATOR),
            "photo_concealed",
            "A photo is not for everyone's eyes.",
            needs=("photo", "note"),
            guard=_is_own,
            shown_to="author",
            note_to="author",
            through=MODERATION,
        ),
        Move(
            "hurry",
            _in("in_moderation"),
            None,
            _in(MODERATOR),
            "hurried",
            "It cannot wait.",
            guard=_is_own,
            shown_to="desk",
            through=MODERATION,
        ),
        Move(
            "resubmit",
            _in("returned"),
            "in_moderation",
            _in(AUTHOR),
            "resubmitted",
            "The author has mended it.",
            shown_to="author",
            note_to="author",
        ),
        Move(
            "add_photos",
            _in("received", "in_moderation"),
            None,
            _in(AUTHOR),
            "photos_added",
            "Another photo in the place of one that was refused or forgotten.",
            needs=("photo",),
            shown_to="author",
        ),
        Move(
            "appeal",
            _in("rejected"),
            "in_moderation",
            _in(AUTHOR),
            "appealed",
            "Another moderator looks again, once.",
            needs=("note",),
            guard=_has_appealed,
            shown_to="author",
            note_to="author",
        ),
        Move(
            "withdraw",
            _in("received", "in_moderation", "returned", "rejected", "merged", "accepted", "assigned"),
            "withdrawn",
            _in(AUTHOR),
            "withdrawn",
            "The author may take it back until action starts.",
            shown_to="author",
            note_to="author",
        ),
        Move(
            "rate",
            _in("answered"),
            "closed",
            _in(AUTHOR),
            "rated",
            "The author says whether it is resolved.",
            needs=("resolved", "satisfaction"),
            shown_to="public",
            stops=("rate",),
        ),
        Move(
            "reopen",
            _in("answered", "closed"),
            "assigned",
            _in(AUTHOR),
            "reopened",
            "It is not resolved; the same officer looks again, twice at most.",
            needs=("note",),
            guard=_has_reopened,
            note_to="author",
            stops=("rate",),
        ),
        Move(
            "lapse",
            _in("answered"),
            "closed",
            _in(SYSTEM),
            "lapsed",
            "Nobody rated it in time; silence closes and counts as no satisfaction.",
            stops=("rate",),
        ),
        Move(
            "open",
            _in("accepted"),
            "open",
            _in(SYSTEM),
            "opened",
            "A consultation opens when it is accepted.",
            guard=_is_consultation,
            through=CASE,
        ),
        Move(
            "conclude",
            _in("open"),
            "concluded",
            _in(MODERATOR),
            "concluded",
            "The staff sum up what was said.",
            needs=("note",),
            note_to="public",
        ),
        Move(
            "close",
            _in("concluded"),
            "closed",
            _in(MODERATOR),
            "closed",
            "The outcome is known to all.",
            needs=("note",),
            note_to="public",
        ),
        _follow("assign", _in("accepted"), "assigned", "assigned", "Its case has a handler."),
        _follow("begin", _in("assigned"), "in_progress", "begun", "The handler has started."),
        _follow("hand_over", _in("in_progress"), "in_verification", "handed_over", "The handler says it is done."),
        _follow("send_back", _in("in_verification"), "in_progress", "sent_back", "Verification failed."),
        _follow("answer", _in("in_verification"), "answered", "answered", "Someone else has verified it."),
    ),
)
