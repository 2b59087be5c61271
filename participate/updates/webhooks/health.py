"""What is learnt of a webhook by sending to it; one that wants nothing, or fails for days, is told nothing more."""

from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select, update

from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import execute, one, rows, transaction
from participate.kernel.ids import new_id
from participate.updates import concerns
from participate.updates import service as updates
from participate.updates.channels.base import WEBHOOK
from participate.updates.channels.webhook import GONE
from participate.updates.deliveries.choices import take_hold
from participate.updates.deliveries.models import ChannelChoice
from participate.updates.webhooks.models import Webhook

FAILING = "failing"


def learn(webhook_id: str, code: str | None) -> None:
    """One event was refused with `code`, or taken (None)."""
    found = one(select(Webhook.failing_since).where(Webhook.id == webhook_id))
    if found is None or (code is None and found.failing_since is None):
        return
    held, moment = Webhook, now()
    since = None if code is None else func.coalesce(held.failing_since, moment)
    with transaction():
        execute(update(held).where(held.id == webhook_id).values(failing_since=since))
    lasted = timedelta() if code is None else moment - (found.failing_since or moment)
    if code == GONE:
        disable(webhook_id, GONE)
    elif lasted >= timedelta(days=settings().webhook_days):
        disable(webhook_id, FAILING)


def disable(webhook_id: str, why: str) -> None:
    """Tell it nothing more, and its owner so; a second time changes nothing."""
    held, choice = Webhook, ChannelChoice
    ended = update(held).where(held.id == webhook_id, held.disabled_at.is_(None))
    ended = ended.values(disabled_at=now(), disabled_why=why, version=held.version + 1)
    with transaction():
        take_hold(webhook_id)
        done = rows(ended.returning(held.owner_id))
        if not done:
            return
        silent = update(choice).where(choice.account_id == webhook_id, choice.channel == WEBHOOK).values(on=False)
        (url,) = [row.address["url"] for row in rows(silent.returning(choice.address))]
        told = {"account_id": done[0].owner_id, "fact_id": new_id(), "at": now(), "submission_id": None}
        told |= {"move": "webhook_disabled", "words": "step.webhook.disabled", "concern": concerns.STAFF}
        updates.append([told | {"values": {"host": urlsplit(url).hostname, "note": None}}])
