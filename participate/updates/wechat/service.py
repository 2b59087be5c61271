"""A person shows a code that WeChat gave to their page, and is told there from then on."""

from hashlib import sha256

from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import transaction
from participate.kernel.errors import Fault, Forbidden, Invalid, Unavailable
from participate.updates.channels.base import WECHAT, Refusal
from participate.updates.channels.wechat import Platform, app_at
from participate.updates.deliveries import choices


def bind(account_id: str, code: str) -> None:
    """Tell the account by WeChat. Raises Invalid where this service cannot, Forbidden (`wrong_code`), Unavailable."""
    if not choices.is_available(WECHAT):
        raise Invalid(Fault("code", "channel_unavailable"))
    openid = _openid(code)
    if openid is None:
        raise Forbidden("wrong_code")
    with transaction():
        held = choices.take_hold(account_id)
        choices.keep(account_id, WECHAT, held.get(WECHAT), on=True, address={"openid": openid}, verified_at=now())
        choices.mark(account_id)


def _openid(code: str) -> str | None:
    """Whom the code stands for; in a demo without a platform, for somebody made up."""
    url = settings().wechat_url
    if not url:
        return f"demo-{sha256(code.encode()).hexdigest()[:20]}"
    try:
        return Platform(app_at(url)).openid(code)
    except Refusal as error:
        raise Unavailable(retry_after=5) from error
