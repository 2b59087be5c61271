"""The way that a submission takes, with the people it meets, and where messages about it end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import insert, select

from participate.accounts.models import Account
from participate.accounts.sms import GatewaySms
from participate.kernel.clock import now
from participate.kernel.db import AnyRow, execute, rows, table, transaction
from participate.kernel.ids import new_id
from participate.updates.channels.base import EMAIL, SMS, Channel
from participate.updates.channels.mail import Mail
from participate.updates.channels.sms import Sms
from participate.updates.deliveries import handing, sending
from participate.updates.deliveries.models import ChannelChoice, Delivery
from participate.updates.models import Feed
from tests.people import Person
from tests.sinks import HOST, Gateway, MailSink, gateway_server, mail_server
from tests.steps import way

SENDER = "Participate <noreply@example.org>"


@pytest.fixture(scope="session")
def _mail_server() -> Iterator[tuple[MailSink, int]]:
    sink = MailSink()
    with mail_server(sink) as port:
        yield sink, port


@pytest.fixture(scope="session")
def _gateway_server() -> Iterator[tuple[Gateway, int]]:
    gateway = Gateway()
    with gateway_server(gateway) as port:
        yield gateway, port


@dataclass
class Post:
    """Both ways out, with what has come out at their other ends."""

    mail: MailSink
    gateway: Gateway
    channels: dict[str, Channel]

    def send(self, channel: str = EMAIL) -> float | None:
        """Send what is due by a channel."""
        return sending.work_off(self.channels[channel])

    def subjects(self) -> list[str]:
        """Of the mails that have come, in their order."""
        return [str(mail["Subject"]) for mail in self.mail.taken]

    def texts(self) -> list[str]:
        """What they say, up to the first empty line."""
        return [mail.get_content().splitlines()[0] for mail in self.mail.taken]


@pytest.fixture
def post(_mail_server: tuple[MailSink, int], _gateway_server: tuple[Gateway, int]) -> Iterator[Post]:
    """A mail server and a gateway of the tests' own, empty."""
    (sink, mail_port), (gateway, gateway_port) = _mail_server, _gateway_server
    sink.clear()
    gateway.clear()
    mail = Mail(f"smtp://{HOST}:{mail_port}", SENDER)
    channels: dict[str, Channel] = {
        EMAIL: mail,
        SMS: Sms(GatewaySms(f"http://city:secret@{HOST}:{gateway_port}/send?by=us", 5.0)),
    }
    yield Post(sink, gateway, channels)
    mail.close()


Choose = Callable[..., Any]


def choose(who: Person, *channels: dict[str, Any], status: int = 200, **headers: str) -> Any:
    """Put these in the place of what `who` has chosen; the answer."""
    answer = who.request("PUT", "/v1/me/channels", json={"channels": list(channels)}, headers=headers)
    assert answer.status_code == status, answer.get_json()
    return answer.get_json()


def reachable(who: Person, address: str = "li@example.org", **chosen: Any) -> Person:
    """Let `who` be told by e-mail, as they have chosen."""
    asked = who.post("/v1/me/channels/email/code", {"address": address}).get_json()
    shown = {"code_id": asked["code_id"], "code": asked["demo_code"]}
    answer = who.post("/v1/me/channels/email/verify", shown)
    assert answer.status_code == 200, answer.get_json()
    choose(who, {"channel": EMAIL, "on": True, "language": "en"} | chosen)
    for row in handing.claim(EMAIL, 100):  # The code's own mail is not what the test is about.
        handing.settle_sent(row)
    return who


@dataclass(frozen=True)
class Reader:
    """Somebody who is told, and never asks."""

    account_id: str


def reachable_crowd(size: int, *channels: str) -> list[Reader]:
    """So many who are told by e-mail, or by these channels; `r0@example.org` is the first's address."""
    ids, common = [new_id() for _ in range(size)], {"version": 1, "language": "en"}
    choice = common | {"on": True, "verified_at": now(), "muted": []}
    people = [
        common | {"id": one, "phone": f"+86170{number:08}", "display_name": "Crowd", "created_at": now()}
        for number, one in enumerate(ids)
    ]
    chosen = [
        choice
        | {"account_id": one, "channel": channel, "address": {"address": f"r{number}@example.org"}}
        | {"unsubscribe_id": new_id()}
        for number, one in enumerate(ids)
        for channel in channels or (EMAIL,)
    ]
    with transaction():
        execute(insert(Account), people)
        execute(insert(Feed), [{"account_id": one, "last": 0, "has_channels": True} for one in ids])
        execute(insert(ChannelChoice), chosen)
    return [Reader(one) for one in ids]


def deliveries(*conditions: Any) -> list[AnyRow]:
    """The rows, in their order, but for those of codes."""
    held = Delivery
    found = select(*table(held).columns).where(held.number.is_not(None), *conditions)
    return list(rows(found.order_by(held.account_id, held.channel, held.number)))


def states(*conditions: Any) -> list[str]:
    """In which states they are."""
    return [str(row.state) for row in deliveries(*conditions)]


__all__ = ["way"]
