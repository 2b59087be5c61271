"""Shapes of a person's devices."""

from typing import Any

from marshmallow import fields

from participate.kernel.outside import MOST_URL
from participate.kernel.shapes import Number, Shape, identifier, length

_ENDPOINT: dict[str, Any] = {"example": "https://push.example.org/send/d1b4"}
# The keys that RFC 8291 shows in its appendix.
_P256DH: dict[str, Any] = {
    "example": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
}
_AUTH: dict[str, Any] = {"example": "BTBZMqHH6r4Tts7J_aSIgg"}
_NAME: dict[str, Any] = {"example": "Firefox on Android"}


class KeysBody(Shape):
    """The browser's keys, as base64url."""

    p256dh = fields.String(required=True, validate=length(80, 100), metadata=_P256DH)
    auth = fields.String(required=True, validate=length(20, 30), metadata=_AUTH)


class DeviceBody(Shape):
    """What `PushSubscription.toJSON()` gives, with a name by which its owner knows the device."""

    endpoint = fields.String(required=True, validate=length(8, MOST_URL), metadata=_ENDPOINT)
    keys = fields.Nested(KeysBody, required=True)
    expiration_time = Number(data_key="expirationTime", load_default=None, allow_none=True, metadata={"example": None})
    name = fields.String(validate=length(0, 60), load_default="", metadata=_NAME)


class AddedAnswer(Shape):
    """The device's id."""

    id = identifier(required=True)


class DeviceShape(Shape):
    """A device; `service` is the host of its push service."""

    id = identifier(required=True)
    name = fields.String(required=True, metadata=_NAME)
    service = fields.String(required=True, allow_none=True, metadata={"example": "push.example.org"})
    created_at = fields.DateTime(required=True)


class DevicesShape(Shape):
    """The key to subscribe with (`applicationServerKey`), and the devices that there are, five at most."""

    public_key = fields.String(required=True, metadata=_P256DH)
    devices = fields.List(fields.Nested(DeviceShape), required=True)
