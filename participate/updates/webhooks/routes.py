"""HTTP: administrators of an area and handlers of a unit let a machine hear what is public there."""

from typing import Any

from flask import Response

from participate.kernel.api import Room
from participate.kernel.auth import caller, staff
from participate.kernel.conditional import answer, wanted_version
from participate.kernel.paging import PageQuery, page
from participate.updates.webhooks import queries, schemas, service

webhooks = Room("webhooks", description="Events for machines, by the Standard Webhooks scheme")
_STAFF = staff(*queries.ROLES)
_ONE = "/webhooks/<id:webhook_id>"
_SECRET = {"Cache-Control": "no-store"}


@webhooks.route(
    "/webhooks",
    "POST",
    door=_STAFF,
    body=schemas.WebhookBody,
    answer=schemas.NewWebhook,
    status=201,
    also=(409,),
    once=False,
)
def create_webhook(body: dict[str, Any]) -> Response:
    """Have the public steps of an area or a unit posted to an address. The secret is shown this once."""
    webhook_id, secret = service.create(caller(), body)
    shown = queries.present(queries.webhook(caller(), webhook_id)) | {"secret": secret}
    return answer(shown, 1, 201, _SECRET | {"Location": f"/v1/webhooks/{webhook_id}"})


@webhooks.route("/webhooks", door=_STAFF, query=PageQuery, answer=schemas.WebhookList, also=(304,))
def list_webhooks(query: dict[str, Any]) -> Response:
    """The caller's own webhooks and those of the areas that they administer, the latest first."""
    found = queries.listed(caller())
    return answer(page(found, queries.KEYS, queries.present, query["limit"], query["cursor"], descending=True))


@webhooks.route(_ONE, door=_STAFF, answer=schemas.WebhookShape, also=(304,))
def show_webhook(webhook_id: str) -> Response:
    """A webhook, and how it does."""
    return _shown(webhook_id)


@webhooks.route(_ONE, "PATCH", door=_STAFF, body=schemas.WebhookPatch, answer=schemas.WebhookShape, also=(412,))
def change_webhook(webhook_id: str, body: dict[str, Any]) -> Response:
    """Change its address or what it hears; pause it, or let it begin again."""
    service.change(caller(), webhook_id, body, wanted_version())
    return _shown(webhook_id)


def _shown(webhook_id: str) -> Response:
    row = queries.webhook(caller(), webhook_id)
    return answer(queries.present(row), row.version)


@webhooks.route(_ONE, "DELETE", door=_STAFF, status=204, also=(412,))
def remove_webhook(webhook_id: str) -> Response:
    """Remove it, with all that waits for it."""
    service.remove(caller(), webhook_id, wanted_version())
    return Response(status=204)


@webhooks.route(f"{_ONE}/secret", "POST", door=_STAFF, answer=schemas.SecretAnswer, also=(412,), once=False)
def rotate_secret(webhook_id: str) -> Response:
    """Sign with a new secret from now on, and with the former one too for a day."""
    return answer(service.rotate(caller(), webhook_id, wanted_version()), headers=_SECRET)


@webhooks.route(f"{_ONE}/ping", "POST", door=_STAFF, answer=schemas.PingAnswer, status=202, also=(409,))
def ping_webhook(webhook_id: str) -> Response:
    """Send an event of the type `ping`."""
    return answer({"id": service.ping(caller(), webhook_id)}, status=202)


@webhooks.route(
    f"{_ONE}/replay",
    "POST",
    door=_STAFF,
    body=schemas.ReplayBody,
    answer=schemas.ReplayAnswer,
    status=202,
    also=(409,),
)
def replay_webhook(webhook_id: str, body: dict[str, Any]) -> Response:
    """Send again what was for it since then, under the same ids and in its order, up to 500 events at a time."""
    return answer(service.replay(caller(), webhook_id, body["since"]), status=202)
