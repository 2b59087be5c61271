"""HTTP: appeals, what is overdue, and who is to look at it."""

from functools import partial
from typing import Any

from flask import Response

from participate.kernel.auth import account, caller
from participate.kernel.clock import now
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.paging import PageQuery, page
from participate.kernel.problems import language
from participate.moderation import assigning
from participate.moderation.queries import appeals, overdue, tasks
from participate.moderation.routes.room import DESK, HEAD, moderation
from participate.moderation.schemas import appeals as schemas
from participate.moderation.schemas.tasks import OverdueList, TaskShape


@moderation.route("/appeals", door=DESK, query=PageQuery, answer=schemas.AppealList, also=(304,))
def list_appeals(query: dict[str, Any]) -> Response:
    """Appeals that wait in the caller's scope, with the earlier decision, which was another's; the first due first."""
    statement, present = appeals.waiting(caller().grants), partial(appeals.present, language=language())
    me = {"me": account()}
    return answer(page(statement, appeals.KEYS, present, query["limit"], query["cursor"], parameters=me))


@moderation.route("/overdue", door=HEAD, query=PageQuery, answer=OverdueList, also=(304,))
def list_overdue(query: dict[str, Any]) -> Response:
    """What should have been decided by now in the scope of the head of the desk, and who has it in hand since when."""
    statement, present = overdue.overdue(caller().grants), partial(tasks.present, language=language())
    given = {"me": account(), "now": now()}
    found = page(statement, overdue.KEYS, present, query["limit"], query["cursor"], parameters=given)
    return answer(found | {"items": overdue.with_names(found["items"])})


@moderation.route(
    "/tasks/<id:task_id>/assign", "POST", door=HEAD, body=schemas.AssignBody, answer=TaskShape, also=(409, 412)
)
def assign_task(task_id: str, body: dict[str, Any]) -> Response:
    """Give a task to a moderator who may decide on it, whoever has it in hand."""
    assigning.assign(caller(), task_id, body["to"], wanted_version())
    row = overdue.task(caller(), task_id)
    return answer(tasks.present(row, language()), row.version)
