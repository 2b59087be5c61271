"""Appeals that wait for another moderator, with the decision that each questions."""

from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from participate.kernel.auth import Grant
from participate.kernel.db import AnyRow, AnySelect
from participate.kernel.scopes import said
from participate.kernel.workflow import TimelineEntry
from participate.moderation.models import ModerationTask
from participate.moderation.queries.tasks import SHOWN, mine_to_see
from participate.moderation.queries.tasks import present as present_task

KEYS = (ModerationTask.due_at, ModerationTask.id)


@lru_cache(maxsize=256)
def waiting(grants: tuple[Grant, ...]) -> AnySelect:
    """Those in the scope of a moderator, `:me`, who has not rejected them; the first due first."""
    held, earlier = ModerationTask, aliased(ModerationTask)
    # Written out, as the index over what waits and is an appeal is found by no parameter.
    waits = held.state == said("waiting", held.state), held.purpose == said("appeal", held.purpose)
    before = (
        earlier.decision.label("was_decision"),
        earlier.reason.label("was_reason"),
        earlier.decided_at.label("was_decided_at"),
    )
    return (
        select(*SHOWN, *before, _last_note("reject").label("was_note"), _last_note("appeal").label("grounds"))
        .outerjoin(earlier, earlier.id == held.reviews)
        .where(*waits, mine_to_see(grants))
    )


def _last_note(move: str) -> Any:
    """What came with a submission's last `move`."""
    held = TimelineEntry
    steps = select(held.note).where(held.subject_id == ModerationTask.submission_id, held.move == move)
    return steps.order_by(held.version.desc()).limit(1).correlate(ModerationTask).scalar_subquery()


def present(row: AnyRow, language: str) -> dict[str, Any]:
    """An appeal as the API shows it."""
    earlier = {
        "decision": row.was_decision,
        "reason": row.was_reason,
        "note": row.was_note,
        "decided_at": row.was_decided_at,
    }
    return present_task(row, language) | {"earlier": earlier, "grounds": row.grounds}
