"""What a submission itself forbids those who move it, each with the code of its refusal."""

from typing import Any

from participate.kernel.workflow import Actor
from participate.submissions.kinds import OFFICER

MAX_REOPENINGS = 2


def has_appealed(row: Any, _actor: Actor) -> str | None:
    """There is one appeal."""
    return "appealed_already" if row.appeals else None


def is_officers(row: Any, _actor: Actor) -> str | None:
    """What an officer has found on their round asks nobody whether they are content: they would judge colleagues."""
    return "filed_by_officer" if row.source == OFFICER else None


def has_reopened(row: Any, actor: Actor) -> str | None:
    """It can be reopened twice; a consultation never, nor what an officer has found."""
    if is_officers(row, actor):
        return is_officers(row, actor)
    return "reopened_already" if row.reopenings >= MAX_REOPENINGS or row.kind == "micro_consultation" else None


def may_dispute(row: Any, actor: Actor) -> str | None:
    """A supervisor is called once it cannot be reopened any more, and once only: their order is one reopening more."""
    if is_officers(row, actor):
        return is_officers(row, actor)
    if row.kind == "micro_consultation":
        return "wrong_kind"
    if row.reopenings > MAX_REOPENINGS:
        return "disputed_already"
    return None if has_reopened(row, actor) else "reopen_first"


def has_been_acted_on(row: Any, _actor: Actor) -> str | None:
    """What is opened again was begun before, though it waits once more for somebody to begin."""
    return "acted_on_already" if row.reopenings else None


def is_own(row: Any, actor: Actor) -> str | None:
    """Nobody decides on their own submission."""
    return "own_submission" if row.author_id == actor.account_id else None


def is_consultation(row: Any, _actor: Actor) -> str | None:
    """Only a consultation opens."""
    return None if row.kind == "micro_consultation" else "wrong_kind"
