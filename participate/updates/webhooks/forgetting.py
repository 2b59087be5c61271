"""A webhook's events are kept as long as what became of them."""

from datetime import timedelta

from sqlalchemy import select

from participate.kernel import retention
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.ids import first_id
from participate.updates.models import FeedEntry
from participate.updates.webhooks.models import Webhook


def webhook_events() -> int:
    """Events that can no longer be sent again."""
    held = FeedEntry
    old = held.id < first_id(now() - timedelta(days=settings().keep_deliveries_days))
    return retention.forget(held, held.account_id.in_(select(Webhook.id)), old, by=held.account_id)
