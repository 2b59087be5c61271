"""What every channel is to the rest: it takes a message, or says why not and whether to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

EMAIL, SMS, WEB_PUSH, WECHAT, WEBHOOK = "email", "sms", "web_push", "wechat", "webhook"


@dataclass(frozen=True)
class Message:
    """One message to one person; the same, letter by letter, however often it is tried.

    `key` is the delivery's id. `to` is by what the channel knows the person: what is kept as their address on it, such
    as `{"address": "a@example.org"}`. `text` is what their feed says, `short` the same for a text message. `fact` is
    the move's name and `at` when it was made; `link` leads to where more is to be read. `unsubscribe` is the address
    by which one goes without such messages, None for what cannot be muted. `data` is what a machine is told instead,
    and `urgent` that it goes before what can wait.
    """

    key: str
    to: Mapping[str, Any]
    title: str
    text: str
    short: str
    language: str
    fact: str
    submission_id: str | None
    at: datetime
    link: str | None = None
    unsubscribe: str | None = None
    data: Mapping[str, Any] | None = None
    urgent: bool = False


class Channel(Protocol):
    """A way out. One object serves one thread, for as long as that lives, and may keep a connection.

    `by_key`: the other side drops a second message with the same key. So what may or may not have arrived, since a
    process was killed or an answer got lost, is sent again there; on all other channels staff are told instead.
    """

    name: str
    by_key: bool

    def send(self, message: Message) -> None:
        """Hand the message over; returns once the other side has taken it.

        Raises Permanent, Passing, Away or Unclear, and takes less than SECONDS for it, whatever hangs.
        """


SECONDS = 20.0


class Refusal(Exception):
    """It was not taken. `code` is stable, says nothing about persons, and is shown to staff."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Permanent(Refusal):
    """It never will be: the address is no more, or the message is not to the other side's liking."""


class Passing(Refusal):
    """Not now, and for a reason that lies with this message or this person; `retry_after` in seconds where told."""

    def __init__(self, code: str, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.retry_after = retry_after


class Away(Passing):
    """The whole channel takes nothing at the moment: the others to be sent by it need not be tried either."""


class Unclear(Refusal):
    """The other side may have taken it, and never said so; to be raised where the channel is not `by_key`."""
