"""`participate seed --demo --cases` also lays messages that arrived, failed and were given up, and a webhook."""

from collections import Counter

from flask import Flask
from sqlalchemy import select

from participate.cli import demo, demo_messages
from participate.kernel.context import settings
from participate.kernel.db import rows
from participate.updates.deliveries.models import Delivery
from participate.updates.models import FeedEntry
from tests.people import People


def test_one_of_each_that_staff_meet(app: Flask, people: People) -> None:
    accounts = settings().data_dir / demo.ACCOUNTS_FILE
    accounts.unlink(missing_ok=True)  # Other tests of this process lay a demo too.
    demo.seed(settings())
    accounts.unlink()
    assert demo_messages.lay() == 4
    held = Delivery
    found = rows(select(held.channel, held.state, held.error).where(held.number.is_not(None)))
    assert Counter(tuple(row) for row in found) == {
        ("email", "sent", None): 1,
        ("email", "waiting", "recipient_450"): 1,
        ("sms", "dead", "gateway_400"): 1,
        ("sms", "sent", None): 1,
    }
    assert len(rows(select(FeedEntry.id))) == 2
    (dead,) = people.staff("admin", "").get("/v1/deliveries").get_json()["items"]
    assert dead["error"] == "gateway_400"
    assert demo_messages.lay() == 0, "a second time what is there stays"
    (hook,) = people.staff("admin", "").get("/v1/webhooks").get_json()["items"]
    assert (hook["active"], hook["url"].split("/")[2]) == (False, "dashboard.demo.invalid")
