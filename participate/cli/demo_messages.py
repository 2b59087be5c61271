"""Messages of the demo in every state that staff meet, and a webhook: none of it leaves the building."""

from contextlib import suppress

from sqlalchemy import select

from participate.accounts.models import Account
from participate.accounts.queries import grantee
from participate.accounts.service import create_resident
from participate.cli.demo import DISTRICT, PHONES
from participate.kernel.auth import Caller
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, one, table, transaction
from participate.kernel.errors import Conflict
from participate.kernel.outbox import Fact, OutboxFact
from participate.submissions.service import submit
from participate.updates import service as updates
from participate.updates.channels.base import EMAIL, SMS
from participate.updates.deliveries import addresses, choices, handing
from participate.updates.deliveries.models import DEAD
from participate.updates.webhooks import service as webhooks

_ADDRESS = "resident@demo.invalid"  # Nobody can ever have such an address (RFC 2606 §2), nor such a host.
_HOOK = {"url": "https://dashboard.demo.invalid/hooks", "area": DISTRICT, "kinds": [], "description": "示例，已暂停"}
_RECEIVED = "submission.received"
_STORIES = (
    ("社区图书角", "建议在小区活动室设一个图书角，大家可以交换看过的书。"),
    ("公交站加座椅", "望月路公交站没有座椅，老人等车很累，建议加装。"),
)


def lay() -> int:
    """Two suggestions, and what became of the messages about them; returns how many messages. A webhook, paused.

    A second time what is there stays.
    """
    _hook()
    own, author = settings(), create_resident(PHONES[0])
    if not own.demo or own.smtp_url or own.sms_url or _is_reached(author):
        return 0  # A server of somebody's own is not to be told of made-up people.
    _be_reached(author)
    with transaction():  # A worker that runs besides sees it once it is done.
        for title, body in _STORIES:
            _hear(submit(author, "micro_suggestion", {"title": title, "body": body}).id)
        mails, texts = (_first_of(author, channel) for channel in (EMAIL, SMS))
        handing.settle_sent(mails)
        handing.settle_failed(texts, DEAD, "gateway_400")
        handing.settle_passing(_first_of(author, EMAIL), "recipient_450")
        handing.settle_sent(_first_of(author, SMS))
    return 2 * len(_STORIES)


def _is_reached(author: str) -> bool:
    return any(each["channel"] == EMAIL and each["verified"] for each in choices.shown(author)["channels"])


def _be_reached(author: str) -> None:
    """By mail and by text message."""
    asked = addresses.request_code(author, _ADDRESS, "zh-Hans")
    addresses.verify(author, asked["code_id"], asked["demo_code"])
    choices.choose(author, [{"channel": channel, "on": True, "muted": []} for channel in (EMAIL, SMS)])


def _hear(submission_id: str) -> None:
    """Its author is told at once that it has come; the worker finds that done."""
    held = OutboxFact
    received = one(select(*table(held).columns).where(held.subject_id == submission_id, held.name == _RECEIVED))
    if received is not None:
        updates.tell_of_steps([Fact(**received._asdict())])


def _first_of(author: str, channel: str) -> AnyRow:
    """What is to go to them first; what of others has been claimed with it is given back."""
    claimed = handing.claim(channel, 100)
    handing.give_back([row for row in claimed if row.account_id != author or row.number is None])
    return next(row for row in claimed if row.account_id == author and row.number is not None)


def _hook() -> None:
    found = one(select(Account.id).where(Account.username == "admin1"))
    admin = (grantee(found.id) if found is not None else None) or Caller()
    with suppress(Conflict), transaction():  # It may be there from before.
        webhook_id, _secret = webhooks.create(admin, _HOOK)
        webhooks.change(admin, webhook_id, {"active": False})
