"""HTTP: what is decided on a task, and what is changed or looked up on the way."""

from typing import Any

from flask import Response

from participate.kernel.auth import caller
from participate.kernel.conditional import answer, wanted_version
from participate.moderation import deciding, editing
from participate.moderation.deciding import Decision
from participate.moderation.editing import Edits
from participate.moderation.routes.room import DESK, moderation, whole_task
from participate.moderation.schemas import decisions as schemas
from participate.moderation.schemas.tasks import TaskDetailShape
from participate.submissions import amending
from participate.submissions.schemas import OriginalShape


@moderation.route(
    "/tasks/<id:task_id>/decision",
    "POST",
    door=DESK,
    body=schemas.DecisionBody,
    answer=TaskDetailShape,
    also=(409, 412),
)
def decide_task(task_id: str, body: dict[str, Any]) -> Response:
    """Accept, return, reject, merge, or hide photos; `edits` are made with it."""
    deciding.decide(caller(), task_id, decision_of(body), wanted_version())
    return whole_task(task_id)


def decision_of(body: dict[str, Any]) -> Decision:
    """The decision that a body describes."""
    return Decision(
        act=body["decision"],
        reason=body.get("reason"),
        note=body.get("note"),
        fields=tuple(body.get("fields_", ())),
        photo_ids=tuple(body.get("photo_ids", ())),
        merge_into=body.get("merge_into"),
        edits=_edits_of(body.get("edits", {})),
    )


def _edits_of(body: dict[str, Any]) -> Edits:
    changes = {name: value for name, value in body.items() if name in amending.AMENDABLE}
    return Edits(changes, tuple(dict.fromkeys(body.get("redact", ()))), body.get("urgent", False))


@moderation.route(
    "/tasks/<id:task_id>", "PATCH", door=DESK, body=schemas.ChangeBody, answer=TaskDetailShape, also=(409, 412)
)
def change_task(task_id: str, body: dict[str, Any]) -> Response:
    """Change kind, category, place or details, take words out, or mark it urgent, without deciding yet."""
    editing.change(caller(), task_id, _edits_of(body), body.get("note"), wanted_version())
    return whole_task(task_id)


@moderation.route("/tasks/<id:task_id>/original", door=DESK, answer=OriginalShape, also=(304,))
def show_original_text(task_id: str) -> Response:
    """What the author wrote, before words were taken out of it; the audit trail keeps that it was read."""
    return answer(deciding.original(caller(), task_id), headers={"Cache-Control": "private, no-store"})


@moderation.route(
    "/tasks/<id:task_id>/unmask",
    "POST",
    door=DESK,
    body=schemas.UnmaskBody,
    answer=schemas.UnmaskAnswer,
    also=(409,),
    once=False,
)
def unmask_author(task_id: str, body: dict[str, Any]) -> Response:
    """Who wrote it: only for a written reason, which the audit trail keeps."""
    response = answer(deciding.unmask(caller(), task_id, body["reason"]))
    response.headers["Cache-Control"] = "no-store"
    return response
