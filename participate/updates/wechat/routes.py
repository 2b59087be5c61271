"""HTTP: a person binds their WeChat."""

from typing import Any

from flask import Response
from marshmallow import fields

from participate.kernel.api import Room
from participate.kernel.auth import SIGNED_IN, account
from participate.kernel.conditional import answer
from participate.kernel.overload import SIGN_IN
from participate.kernel.shapes import Shape, matches
from participate.updates.deliveries import choices
from participate.updates.deliveries.schemas import ChannelsShape
from participate.updates.wechat import service

wechat = Room("wechat", description="Template messages by WeChat")


class WechatCodeBody(Shape):
    """What WeChat gave to the person's page (`code` of its OAuth 2.0, scope `snsapi_base`)."""

    code = fields.String(
        required=True, validate=matches(r"[A-Za-z0-9_-]{6,128}"), metadata={"example": "021b4J0w3FYV2V2"}
    )


@wechat.route(
    "/me/channels/wechat/verify",
    "POST",
    door=SIGNED_IN,
    urgency=SIGN_IN,
    body=WechatCodeBody,
    answer=ChannelsShape,
    also=(403, 503),
    once=False,
)
def bind_wechat(body: dict[str, Any]) -> Response:
    """Show the code: from now on the caller is told by WeChat, too."""
    service.bind(account(), body["code"])
    found = choices.shown(account())
    return answer(found, found["version"])
