"""Web push (RFC 8030): encrypted for each of a person's devices (RFC 8291), and signed as ours (RFC 8292)."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import http_ece
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from participate.kernel.clock import now
from participate.kernel.outside import Answer, NotReached, Outside
from participate.updates.channels.base import WEB_PUSH, Message, Passing, Permanent, Refusal
from participate.updates.channels.webhook import judge
from participate.updates.devices.keys import unspoken

SECONDS = 3.5  # for one device: five of them have to fit into what a channel may take
_KEPT_SECONDS = 3 * 24 * 3600  # by the push service, for a device that is off
_SIGNED_SECONDS = 12 * 3600
_NO_MORE = frozenset({404, 410})


class _Forgotten(Exception):
    """The device's subscription is no more."""


class WebPush:
    """Sends to all devices of a person; on each, what comes again under its key takes the place of the first."""

    name, by_key = WEB_PUSH, True  # `tag` and `Topic` are the key.

    def __init__(
        self,
        outside: Outside,
        key: str,
        contact: str,
        taken: Callable[[str, str], None],
        forget: Callable[[str], None],
    ) -> None:
        """`key` is ours, `contact` whom a push service writes to.

        `taken` is told which device has what key, `forget` which device takes nothing any more.
        """
        self._outside, self._vapid, self._contact = outside, Vapid02.from_raw(key.encode()), contact
        self._taken, self._forget = taken, forget

    def send(self, message: Message) -> None:
        """See `Channel`. It is taken once all devices have it that will; those that had it are not told again."""
        refusals = list[Refusal]()
        left = [device for device in message.to["devices"] if device["last_key"] != message.key]
        arrived = len(left) < len(message.to["devices"])
        for device in left:
            try:
                self._push(device, message)
            except _Forgotten:
                self._forget(device["id"])
            except Refusal as refusal:
                refusals.append(refusal)
            else:
                self._taken(device["id"], message.key)
                arrived = True
        passing = [each for each in refusals if isinstance(each, Passing)]
        if passing:
            raise passing[0]
        if not arrived:
            raise refusals[0] if refusals else Permanent("no_device")

    def _push(self, device: Mapping[str, Any], message: Message) -> None:
        try:
            answer = self._asked(device, message)
        except NotReached as error:
            raise (Passing if error.passing else Permanent)(error.code) from error
        if answer.status in _NO_MORE:
            raise _Forgotten
        judge(answer)

    def _asked(self, device: Mapping[str, Any], message: Message) -> Answer:
        said = {"tag": message.key, "title": message.title, "body": message.short, "lang": message.language}
        sealed = http_ece.encrypt(
            orjson.dumps(said | {"url": message.link, "unsubscribe": message.unsubscribe}),
            private_key=ec.generate_private_key(ec.SECP256R1()),
            dh=unspoken(device["p256dh"]),
            auth_secret=unspoken(device["auth"]),
            version="aes128gcm",
        )
        return self._outside.post(device["endpoint"], sealed, self._headers(device["endpoint"], message))

    def _headers(self, endpoint: str, message: Message) -> dict[str, str]:
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "sub": self._contact}
        signed: dict[str, str] = self._vapid.sign(claims | {"exp": int(now().timestamp()) + _SIGNED_SECONDS})
        return signed | {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(_KEPT_SECONDS),
            "Urgency": "high" if message.urgent else "normal",
            "Topic": message.key.replace("-", ""),
        }
