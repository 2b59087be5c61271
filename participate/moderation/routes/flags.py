"""HTTP: how often flags are right."""

from datetime import timedelta
from typing import Any

from flask import Response

from participate.kernel.auth import caller, staff
from participate.kernel.conditional import answer
from participate.kernel.overload import EXPORT
from participate.kernel.problems import language
from participate.moderation.queries import flags
from participate.moderation.routes.room import moderation, period
from participate.moderation.schemas import flags as schemas

_USUAL = timedelta(days=30)


@moderation.route(
    "/flags",
    door=staff(*flags.ROLES),
    urgency=EXPORT,
    query=schemas.FlagsQuery,
    answer=schemas.FlagsAnswer,
    also=(304,),
)
def show_flags(query: dict[str, Any]) -> Response:
    """Each flag of the desk: how often decisions in the caller's scope bore it out, and how many wait with it."""
    since, until = period(query, _USUAL)
    return answer(flags.figures(caller(), since, until, language()))
