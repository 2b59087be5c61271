"""HTTP: a person's devices are told by web push."""

from typing import Any

from flask import Response

from participate.kernel.api import Room
from participate.kernel.auth import SIGNED_IN, account
from participate.kernel.conditional import answer
from participate.updates.devices import schemas, service

devices = Room("devices", description="Web push, on each of a person's devices")
_DEVICES = "/me/channels/web_push/devices"


@devices.route("/me/channels/web_push", door=SIGNED_IN, answer=schemas.DevicesShape, also=(304,))
def show_devices() -> Response:
    """The key that a browser subscribes with, and the caller's devices."""
    return answer(service.shown(account()))


@devices.route(
    _DEVICES, "POST", door=SIGNED_IN, body=schemas.DeviceBody, answer=schemas.AddedAnswer, status=201, also=(409,)
)
def add_device(body: dict[str, Any]) -> Response:
    """Tell the caller on this device, too, and turn web push on."""
    return answer({"id": service.add(account(), body)}, status=201)


@devices.route(f"{_DEVICES}/<id:device_id>", "DELETE", door=SIGNED_IN, status=204)
def remove_device(device_id: str) -> Response:
    """Tell the caller there no more."""
    service.remove(account(), device_id)
    return Response(status=204)
