"""What is forgotten of messages: what became of them, after their time, and all of it with its person."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from participate.accounts.sms import forget_spooled
from participate.kernel import retention
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import execute, rows, transaction
from participate.kernel.ids import first_id
from participate.updates.deliveries import choices
from participate.updates.deliveries.models import DIGEST, OPEN, AddressCode, ChannelChoice, Delivery
from participate.updates.devices import service as devices
from participate.updates.devices.models import Device

CODES_KEPT = timedelta(days=1)


def deliveries() -> int:
    """What was sent, or will not be any more."""
    held = Delivery
    old = held.id < first_id(now() - timedelta(days=settings().keep_deliveries_days))
    return retention.forget(held, old, held.state.not_in((*OPEN, DIGEST)), by=held.id)


def address_codes() -> int:
    """Codes that can be used no more, with the addresses they went to."""
    held = AddressCode
    return retention.forget(held, held.id < first_id(now() - CODES_KEPT), by=held.id)


def spooled_mail() -> int:
    """The demo's mails and template messages; returns 0, as it is all done at once."""
    for name in ("mail.jsonl", "wechat.jsonl"):
        forget_spooled(settings().data_dir / name)
    return 0


def export(account_id: str) -> dict[str, Any]:
    """All that is kept about a person here, for themselves: what they chose, and what they were sent and when."""
    held = Delivery
    kept = select(held.channel, held.move, held.submission_id, held.state, held.at, held.sent_at)
    sent = rows(kept.where(held.account_id == account_id).order_by(held.id))
    known = {"channels": choices.shown(account_id)["channels"], "devices": devices.shown(account_id)["devices"]}
    return known | {"deliveries": [row._asdict() for row in sent]}


def erase(account_id: str) -> None:
    """Forget all of it with the person: choices, addresses, codes, and what is still to be sent."""
    with transaction():
        choices.take_hold(account_id)
        for held in (ChannelChoice, AddressCode, Device, Delivery):
            execute(delete(held).where(held.account_id == account_id))
        choices.mark(account_id)
