"""What a submission itself forbids those who move it, each with the code of its refusal."""

from typing import Any

from participate.kernel.clock import now
from participate.kernel.workflow import Actor
from participate.submissions.kinds import KINDS, OFFICER

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
    """Nobody decides on their own submission, nor on what they have filed for somebody."""
    own = {row.author_id, row.helped_by} - {None}
    return "own_submission" if actor.account_id in own else None


def is_consultation(row: Any, _actor: Actor) -> str | None:
    """Only a consultation opens."""
    return None if row.kind == "micro_consultation" else "wrong_kind"


def _is_proposal(row: Any) -> str | None:
    return None if row.kind == "micro_proposal" else "wrong_kind"


def _is_unnumbered(row: Any) -> str | None:
    return "filed_already" if row.filed_as is not None else _is_proposal(row)


def may_be_signed(row: Any, _actor: Actor) -> str | None:
    """It is not filed, and the day until which it may be signed is not over."""
    is_over = row.cosign_until is not None and row.cosign_until <= now()
    return _is_unnumbered(row) or ("cosigning_over" if is_over else None)


def is_unfiled(row: Any, actor: Actor) -> str | None:
    """It has no number yet, and is somebody else's."""
    return _is_unnumbered(row) or is_own(row, actor)


def may_be_filed(row: Any, actor: Actor) -> str | None:
    """It has no number yet, and nobody can sign it any more."""
    is_open = row.cosign_until is not None and row.cosign_until > now()
    return is_unfiled(row, actor) or ("still_signing" if is_open else None)


def is_filed(row: Any, _actor: Actor) -> str | None:
    """It has a number."""
    return _is_proposal(row) or ("not_filed" if row.filed_as is None else None)


def was_redone(row: Any, actor: Actor) -> str | None:
    """It was done again as often as it may be."""
    return is_filed(row, actor) or ("reopen_first" if row.reopenings < MAX_REOPENINGS else None)


def is_suggestion(row: Any, _actor: Actor) -> str | None:
    """Only a suggestion is adopted."""
    return None if row.kind == "micro_suggestion" else "wrong_kind"


def is_free(row: Any, actor: Actor) -> str | None:
    """It is somebody else's suggestion, and nobody has taken charge of it yet."""
    others = is_suggestion(row, actor) or is_own(row, actor)
    return others or ("adopted_already" if row.adopted_by is not None else None)


def leads_on(row: Any, _actor: Actor) -> str | None:
    """Something else can be made of its kind."""
    return None if KINDS[row.kind].carried_on_as else "wrong_kind"


def may_be_carried_on(row: Any, actor: Actor) -> str | None:
    """Something else can be made of its kind, and it is somebody else's."""
    return leads_on(row, actor) or is_own(row, actor)
