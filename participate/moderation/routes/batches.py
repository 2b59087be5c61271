"""HTTP: many decisions at once, and taking them back."""

from typing import Any

from flask import Response

from participate.kernel.auth import account, caller, staff
from participate.kernel.conditional import answer
from participate.kernel.paging import PageQuery, page
from participate.kernel.problems import language
from participate.moderation import batches
from participate.moderation.batches import Asked
from participate.moderation.queries import batches as queries
from participate.moderation.routes.decisions import decision_of
from participate.moderation.routes.room import DESK, moderation
from participate.moderation.schemas import batches as schemas

_DESK_OR_HEAD = staff("moderator", "desk_head")


@moderation.route("/decisions", "POST", door=DESK, body=schemas.BatchBody, answer=schemas.StagedAnswer)
def decide_many(body: dict[str, Any]) -> Response:
    """Decide on up to 100 tasks; for some minutes it can be undone, and until then no author hears of it."""
    batch_id, outcomes = batches.stage(caller(), _asked(body), body["dry_run"])
    speech = language()
    items = [
        {
            "task_id": outcome.task_id,
            "outcome": outcome.code,
            "errors": [queries.error(each.field, each.code, dict(each.values), speech) for each in outcome.faults],
        }
        for outcome in outcomes
    ]
    until = queries.batch(caller(), batch_id).undo_until if batch_id else None
    return answer({"batch_id": batch_id, "undo_until": until, "items": items})


def _asked(body: dict[str, Any]) -> list[Asked]:
    if "items" in body:
        return [Asked(item["task_id"], decision_of(item), item.get("version")) for item in body["items"]]
    decision = decision_of(body)
    return [Asked(task_id, decision) for task_id in body["task_ids"]]


@moderation.route("/decisions", door=DESK, query=PageQuery, answer=schemas.BatchList, also=(304,))
def list_batches(query: dict[str, Any]) -> Response:
    """What the caller has decided many at once, newest first."""
    mine = {"me": account()}
    return answer(page(queries.MINE, queries.KEYS, queries.present, query["limit"], query["cursor"], True, mine))


@moderation.route("/decisions/<id:batch_id>", door=_DESK_OR_HEAD, answer=schemas.BatchAnswer, also=(304,))
def show_batch(batch_id: str) -> Response:
    """What was decided together, and what has become of it; for its maker and the head of the desk."""
    return answer(queries.whole(queries.batch(caller(), batch_id), language()))


@moderation.route("/decisions/<id:batch_id>/undo", "POST", door=_DESK_OR_HEAD, answer=schemas.BatchAnswer, also=(409,))
def undo_batch(batch_id: str) -> Response:
    """Take it all back: the tasks wait again as before. 409 `undo_over` once it takes effect."""
    batches.undo(caller(), batch_id)
    return answer(queries.whole(queries.batch(caller(), batch_id), language()))
