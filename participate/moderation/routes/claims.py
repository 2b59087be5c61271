"""HTTP: who has what in hand."""

from typing import Any

from flask import Response

from participate.kernel.api import empty
from participate.kernel.auth import caller
from participate.kernel.conditional import answer
from participate.kernel.problems import language
from participate.moderation import claiming
from participate.moderation.queries import tasks
from participate.moderation.queries.queue import Wanted
from participate.moderation.routes.room import DESK, moderation
from participate.moderation.schemas import tasks as schemas


@moderation.route("/claims", "POST", door=DESK, body=schemas.ClaimBody, answer=schemas.TaskList)
def claim_tasks(body: dict[str, Any]) -> Response:
    """Take the next tasks in hand, for a lease; of two who claim at once each gets others."""
    count = body.pop("count")
    taken = claiming.claim(caller(), count, Wanted(**body))
    return answer({"items": [tasks.present(task, language()) for task in taken], "next": None})


@moderation.route("/claims/<id:task_id>", "POST", door=DESK, answer=schemas.TaskShape, also=(409,))
def claim_task(task_id: str) -> Response:
    """Take this task in hand, or renew the lease of one that is."""
    claiming.take(caller(), task_id)
    return _shown(task_id)


@moderation.route("/claims/<id:task_id>", "DELETE", door=DESK, status=204)
def release_task(task_id: str) -> Response:
    """Put a task back into the queue."""
    claiming.release(caller(), task_id)
    return empty()


@moderation.route(
    "/claims/<id:task_id>/handover",
    "POST",
    door=DESK,
    body=schemas.HandOverBody,
    answer=schemas.TaskShape,
    also=(409,),
)
def hand_over_task(task_id: str, body: dict[str, Any]) -> Response:
    """Hand a task to a colleague, who finds it among their mentions and has it in hand for four hours."""
    claiming.hand_over(caller(), task_id, body["to"], body.get("note"))
    return _shown(task_id)


def _shown(task_id: str) -> Response:
    row = tasks.task(caller(), task_id)
    return answer(tasks.present(row, language()), row.version)
