"""Who moves a case, and what the row itself forbids them: guards, each with the code of its refusal."""

from typing import Any

from participate.kernel.clock import now
from participate.kernel.workflow import Actor

ASSIGNEE, DISPATCHER, SUPERVISOR, OFFICER = "assignee", "dispatcher", "supervisor", "grid_officer"
FOUND = "found"  # Where officers file what they find on their round: a door of its own.
SUPERVISING = "supervising"  # Who supervises for the unit that watches over the case by the catalogue.
SUPERIOR = "superior"  # Who dispatches or supervises at a level above the case's.
BEFORE_ACTION = ("filed", "dispatched", "objected", "accepted")
UNDONE = (*BEFORE_ACTION, "in_progress", "paused", "rework")
TOP_LEVEL, BOTTOM_LEVEL = 4, 1
MAX_COHANDLERS = 10
MAX_PARTS = 9  # ever made of one case
MAX_EXTENSIONS = 2  # of what one level has to do


def own_work(row: Any, actor: Actor) -> str | None:
    """Nobody judges what they did themselves, nor what those did whom they stand in for."""
    return "own_work" if actor.persons & {row.resolved_by, row.assignee} else None


def is_audited(row: Any) -> bool:
    """Whether its final reply is audited before anybody but the desks reads it."""
    return bool(row.kind == "micro_proposal" and row.part_of is None)


def is_audited_by_another(row: Any, actor: Actor) -> str | None:
    """It answers a proposal, and whoever audits that did not do the work."""
    return own_work(row, actor) if row.kind == "micro_proposal" else "wrong_kind"


def has_no_answer(row: Any, _actor: Actor) -> str | None:
    """An answer has passed its audit, and nobody has read it yet."""
    return "no_answer" if row.answer is None else None


def is_unrated(row: Any, actor: Actor) -> str | None:
    """Somebody was asked to rate it, and whoever takes that out did not do the work."""
    return "filed_by_officer" if row.found else own_work(row, actor)


def is_excluded(row: Any, actor: Actor) -> str | None:
    """It counts so far, so far as the row knows: see `figures.service.check_excluded`."""
    return is_unrated(row, actor) or ("excluded_already" if row.excluded else None)


def is_included(row: Any, actor: Actor) -> str | None:
    """It was taken out, so far as the row knows: see `figures.service.check_excluded`."""
    return is_unrated(row, actor) or ("not_excluded" if row.excluded is False else None)


def at_the_top(row: Any, _actor: Actor) -> str | None:
    """There is a level above."""
    return "top_level" if row.level >= TOP_LEVEL or row.area is None else None


def has_one_above(row: Any, actor: Actor) -> str | None:
    """There is no level above that would decide instead."""
    return None if at_the_top(row, actor) else "level_above"


def was_designated(row: Any, _actor: Actor) -> str | None:
    """Whom the dispatcher named after an objection has it for good."""
    return "designated" if row.designated else None


def owes_no_feedback(row: Any, _actor: Actor) -> str | None:
    """It was passed up, and those who did that have heard nothing since."""
    return "no_feedback_due" if row.feedback_due_at is None else None


def is_late(row: Any, _actor: Actor) -> str | None:
    """Its time is not over yet."""
    return "overdue_already" if row.due_at <= now() else None


def may_not_wait(row: Any, actor: Actor) -> str | None:
    """What waits is no danger, and not late."""
    return is_danger(row, actor) or is_late(row, actor)


def was_reported(row: Any, _actor: Actor) -> str | None:
    """An officer has found it on their round, and nobody has asked for it."""
    return None if row.found else "reported_by_resident"


def is_waited_for(row: Any, _actor: Actor) -> str | None:
    """Nobody is asked to rate it, and it was verified or need not be: it is not chosen for that, nor doubted."""
    if not row.found:
        return "to_be_rated"
    unseen = row.state == "resolved" and (row.sampled is not False or row.flags)
    return "to_be_verified" if unseen else None


def is_danger(row: Any, _actor: Actor) -> str | None:
    """First it is made safe."""
    return "not_safe_yet" if row.make_safe_due_at is not None else None


def is_no_danger(row: Any, _actor: Actor) -> str | None:
    """There is something to be made safe."""
    return "no_danger" if row.make_safe_due_at is None else None


def stays_here(row: Any, actor: Actor) -> str | None:
    """There is a level below, and time left: who has let it get late carries it."""
    return "bottom_level" if row.level <= BOTTOM_LEVEL or row.area is None else is_late(row, actor)


def asks_too_much(row: Any, actor: Actor) -> str | None:
    """One extension is asked for at a time, few at each level, and none while there is danger."""
    if row.make_safe_due_at is not None:
        return "not_safe_yet"
    if row.extension_until is not None:
        return "extension_asked"
    return "extended_enough" if row.extensions >= MAX_EXTENSIONS else is_late(row, actor)


def not_to_grant(row: Any, actor: Actor) -> str | None:
    """One was asked for, by somebody else."""
    if row.extension_until is None:
        return "no_extension"
    return "own_work" if ASSIGNEE in actor.roles else None


def has_many(row: Any, _actor: Actor) -> str | None:
    """Whom everyone has to wait for are few."""
    return "enough_cohandlers" if row.cohandlers >= MAX_COHANDLERS else None


def has_all_parts(row: Any, _actor: Actor) -> str | None:
    """What is divided into more than these is several matters."""
    return "enough_parts" if row.parts >= MAX_PARTS else None


def has_no_part_open(row: Any, _actor: Actor) -> str | None:
    """A part is still being handled."""
    return None if row.parts_open else "no_part_open"


def has_no_part_done(row: Any, _actor: Actor) -> str | None:
    """A part is done."""
    return None if row.parts_done else "no_part_done"


def is_alone(row: Any, _actor: Actor) -> str | None:
    """A draft is for co-handlers; who has none replies."""
    return None if row.cohandlers else "no_cohandlers"


def is_unsigned(row: Any, _actor: Actor) -> str | None:
    """With co-handlers there is a draft, and each of them stands by it."""
    return "not_countersigned" if row.cohandlers and (row.draft is None or row.unsigned) else None
