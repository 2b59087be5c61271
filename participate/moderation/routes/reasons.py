"""HTTP: why something is decided, and what its author would read."""

import re
from typing import Any

from flask import Response

from participate.kernel.auth import account, caller, staff
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.errors import Fault, Invalid
from participate.moderation import previews, reasons
from participate.moderation.reasons import Wording
from participate.moderation.routes.decisions import decision_of
from participate.moderation.routes.room import DESK, HEAD, moderation
from participate.moderation.schemas import reasons as schemas
from participate.moderation.schemas.decisions import DecisionBody

_READERS = staff("moderator", "desk_head")


@moderation.route("/reasons", door=_READERS, answer=schemas.ReasonList, also=(304,))
def list_reasons() -> Response:
    """All reasons that a decision may give, with the words that its author reads."""
    return answer({"items": reasons.listed(), "next": None})


@moderation.route("/reasons/<reason>", door=_READERS, answer=schemas.ReasonShape, also=(304,))
def show_reason(reason: str) -> Response:
    """A reason, with the ETag that a change builds on."""
    return _shown(reason)


@moderation.route(
    "/reasons/<reason>", "PUT", door=HEAD, body=schemas.ReasonBody, answer=schemas.ReasonShape, also=(409, 412)
)
def save_reason(reason: str, body: dict[str, Any]) -> Response:
    """Change a reason, on top of the version in If-Match, which must be named; or add one, without If-Match."""
    if re.fullmatch("[a-z_]{1,20}", reason) is None:
        raise Invalid(Fault("reason", "form"))
    label, text = ({"zh-Hans": body[name]["zh_hans"], "en": body[name]["en"]} for name in ("label", "text"))
    decisions = tuple(dict.fromkeys(body["decisions"]))
    reasons.save(account(), reason, Wording(decisions, label, text, body["active"]), wanted_version())
    return _shown(reason)


def _shown(code: str) -> Response:
    found = reasons.single(code)
    return answer(found, found["version"])


@moderation.route(
    "/tasks/<id:task_id>/preview",
    "POST",
    door=DESK,
    body=DecisionBody,
    answer=schemas.PreviewAnswer,
    once=False,
    also=(409, 412),
)
def preview_decision(task_id: str, body: dict[str, Any]) -> Response:
    """Word by word what the author will read of this decision, which is not made; refused where that would be."""
    return answer(previews.preview(caller(), task_id, decision_of(body), wanted_version()))
