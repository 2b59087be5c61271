"""HTTP: figures about the desk, for those who answer for it and for everyone."""

from datetime import timedelta
from typing import Any

from flask import Response

from participate.kernel.auth import OPEN, caller, staff
from participate.kernel.conditional import answer
from participate.kernel.overload import EXPORT
from participate.kernel.problems import language
from participate.moderation.queries import figures, report
from participate.moderation.routes.room import moderation, period
from participate.moderation.schemas import figures as schemas

_USUAL = timedelta(days=90)
# What a month's report says changes no more, but for a release that tells it otherwise.
_FOR_ALL = {"Cache-Control": "public, max-age=3600", "Vary": "Accept-Language"}


@moderation.route(
    "/figures",
    door=staff(*figures.ROLES),
    urgency=EXPORT,
    query=schemas.FiguresQuery,
    answer=schemas.FiguresAnswer,
    also=(304,),
)
def show_figures(query: dict[str, Any]) -> Response:
    """How much was decided in the caller's scope, how fast, how often overturned; nothing of fewer than five."""
    since, until = period(query, _USUAL)
    return answer(figures.figures(caller(), since, until, query["by"]))


@moderation.route("/report", door=OPEN, query=schemas.ReportQuery, answer=schemas.ReportAnswer, also=(304,))
def show_report(query: dict[str, Any]) -> Response:
    """What the desk did in a month that is over, for everyone; no person in it, and nothing of fewer than five."""
    found, labels, speech = report.report(query["month"]), report.labels(), language()
    reasons = [row | {"label": labels.get(row["reason"], {}).get(speech, row["reason"])} for row in found["reasons"]]
    return answer(found | {"reasons": reasons}, headers=_FOR_ALL)
