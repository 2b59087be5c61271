"""What micro-supervisions have besides what all kinds have: their routes, and what the worker does for them."""

from collections.abc import Callable

from participate.cases.clues import tasks as clues
from participate.cases.clues.routes import clues as clue_room
from participate.cases.concern import concerned
from participate.cases.rectifications import tasks as rectifications
from participate.cases.rectifications.routes import rectifications as rectification_room
from participate.cases.rectifications.workflow import DUTIES
from participate.submissions.nameless.routes import nameless
from participate.submissions.unmasking import service as unmasking
from participate.submissions.unmasking.routes import unmaskings

__all__ = ["ROOMS", "concerned", "subscribe"]
ROOMS = (unmaskings, nameless, rectification_room, clue_room)


def subscribe(listen: Callable[..., None], tell_unit: Callable[..., None]) -> None:
    """Have `listen` told who hears of what; `tell_unit` tells a unit of an opinion."""
    listen("updates.to_unit", tell_unit, "rectification.issued", "rectification.sent_back")
    listen("clues.broken", clues.on_missed, "commitment.missed")
    listen("clues.reopened", clues.on_reopened, "submission.reopened")
    listen("rectifications.miss", rectifications.on_due, *(f"rectification.{each}_due" for each in DUTIES))
    listen("unmasking.lapse", unmasking.on_due, "unmasking.consent_due")
