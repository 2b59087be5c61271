"""HTTP: administrators publish dispatch rules, and try them first; those who dispatch and watch read them."""

from typing import Any

from flask import Response

from participate.cases.dispatch import schemas, service
from participate.kernel.api import Room
from participate.kernel.auth import caller, staff
from participate.kernel.conditional import answer

dispatch = Room("dispatch", description="Who gets a new case, by rules that say why")
READERS, ADMIN = staff("admin", "dispatcher", "supervisor", "auditor"), staff("admin")


@dispatch.route("/dispatch/rules", door=READERS, query=schemas.RulesQuery, answer=schemas.RulesShape, also=(304, 404))
def show_rules(query: dict[str, Any]) -> Response:
    """The rules that hold, or an earlier version of them."""
    return answer(service.version(query.get("version")))


@dispatch.route(
    "/dispatch/rules", "POST", door=ADMIN, body=schemas.PublishBody, answer=schemas.RulesShape, status=201, also=(412,)
)
def publish_rules(body: dict[str, Any]) -> Response:
    """Let other rules hold from now on; cases that are dispatched already stay where they are."""
    made = service.publish(caller(), body["rules"], body["note"], body["replaces"])
    return answer(service.version(made), 0, 201, {"Location": f"/v1/dispatch/rules?version={made}"})


@dispatch.route(
    "/dispatch/rules/rehearsal", "POST", door=ADMIN, body=schemas.RulesBody, answer=schemas.RehearsalShape, once=False
)
def rehearse_rules(body: dict[str, Any]) -> Response:
    """Where the last cases would have gone by other rules; nothing changes."""
    return answer(service.rehearse(caller(), body["rules"], body["last"]))
