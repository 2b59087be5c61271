"""The worker's part: threads of each channel's own, which send what is due there, and hold up no other."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from email.utils import parseaddr
from itertools import product

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from participate.accounts.sms import GatewaySms
from participate.kernel import tally
from participate.kernel.clock import now
from participate.kernel.context import settings
from participate.kernel.db import AnyRow, release_reader
from participate.kernel.outside import Outside
from participate.kernel.wake import connect
from participate.updates import concerns
from participate.updates.channels import push
from participate.updates.channels import webhook as webhooks
from participate.updates.channels.base import (
    EMAIL,
    SECONDS,
    SMS,
    WEB_PUSH,
    WEBHOOK,
    WECHAT,
    Away,
    Channel,
    Message,
    Passing,
    Permanent,
    Refusal,
    Unclear,
)
from participate.updates.channels.mail import Mail, SpooledMail
from participate.updates.channels.sms import Sms
from participate.updates.channels.wechat import Platform, SpooledWechat, Tokens, Wechat, app_at
from participate.updates.deliveries import handing, messages, taking
from participate.updates.deliveries.models import DEAD, UNCERTAIN
from participate.updates.devices import keys
from participate.updates.devices import service as devices
from participate.updates.webhooks import health

BATCH = 10  # Claimed together.
# What leads to wherever each of many has chosen: one that is slow holds up a thread, and only what is claimed with it.
_ANYWHERE, _SIDE_BY_SIDE = frozenset({WEB_PUSH, WEBHOOK}), 4
OUTCOMES = ("sent", "passing", "away", "dead", "uncertain", "muted", "taken_over")
_LOOK_SECONDS = 15.0  # Without a wake-up; a thread also waits so long for a channel that was away just now, at first.
_LONGEST_REST = 300.0
_TEND_SECONDS = 5.0  # So often it is looked for what a dead process has left, and whose digest's hour has come.
_STOP_SECONDS = SECONDS + 5.0

_log = logging.getLogger(__name__)


def _mail() -> Channel:
    to, sender = settings().smtp_url, settings().mail_from
    return Mail(to, sender) if to else SpooledMail(settings().data_dir / "mail.jsonl", sender)


def _sms() -> Channel:
    url = settings().sms_url
    return Sms(GatewaySms(url, SECONDS / 2 - 1) if url else current_app.extensions["participate.sms"])


def _push() -> Channel:
    contact = f"mailto:{parseaddr(settings().mail_from)[1]}"
    # Nothing inside is allowed: anybody may name where their device is.
    return push.WebPush(Outside((), push.SECONDS), keys.private_key(), contact, devices.taken, devices.forget)


def _wechat() -> Channel:
    if not settings().wechat_url:
        return SpooledWechat(settings().data_dir / "wechat.jsonl")
    platform = Platform(app_at(settings().wechat_url))
    return Wechat(platform, Tokens(connect(settings().redis_url, timeout=2.0), platform.fresh_token))


def _webhook() -> Channel:
    return webhooks.Webhook(Outside(settings().outside, webhooks.SECONDS))


# Each makes a channel for the thread that calls it.
ADAPTERS: dict[str, Callable[[], Channel]] = {
    EMAIL: _mail,
    SMS: _sms,
    WEB_PUSH: _push,
    WECHAT: _wechat,
    WEBHOOK: _webhook,
}
# Told what became of a message: for whom, and the code of its refusal, None once it was taken.
LEARNING: dict[str, Callable[[str, str | None], None]] = {WEBHOOK: health.learn}


def work_off(channel: Channel, stopping: Callable[[], bool] = lambda: False) -> float | None:
    """Send what is due; returns None once nothing is left, or after how many seconds to look again where it is away.

    Once `stopping`, it finishes what is being handed over and gives back the rest.
    """
    tended_at = float("-inf")
    while not stopping():
        if time.monotonic() >= tended_at + _TEND_SECONDS:  # Also where there is always more to send.
            handing.recover(channel.name)
            handing.gather(channel.name)
            tended_at = time.monotonic()
        claimed = handing.claim(channel.name, 1 if channel.name in _ANYWHERE else BATCH)
        wait = _send_in_turn(channel, claimed, stopping) if claimed else None
        if wait is not None or not claimed:
            return wait
    return None


def _send_in_turn(channel: Channel, claimed: Sequence[AnyRow], stopping: Callable[[], bool]) -> float | None:
    """See `_send`. The rest is given back where the channel is away, we are to stop, or others go before it."""
    told = messages.told([row.id for row in claimed])
    for number, row in enumerate(claimed, start=1):
        wait = _send(channel, row, told[row.id])
        if wait is not None or stopping() or _makes_way(channel, row):
            handing.give_back(claimed[number:])
            return wait
    return None


def _makes_way(channel: Channel, sent: AnyRow) -> bool:
    """Whether somebody's own is due, where this is what thousands hear: it waits for no more than one of these."""
    return sent.priority == concerns.LAST and handing.hurries(channel.name, sent.priority)


def _send(channel: Channel, row: AnyRow, told: AnyRow) -> float | None:
    """Send one, unless its person's quiet hours have begun; how long to leave a channel alone that takes nothing."""
    due = messages.due(told)
    if due > now():
        handing.put_off(row, due)
        return None
    try:
        message = messages.message(told)
    except Exception:
        _log.exception("no message", extra={"channel": channel.name, "delivery": row.id})
        outcome, wait = _refused(row, Passing("unreadable"))
    else:
        outcome, wait = _outcome(channel, row, message)
    tally.count("participate_deliveries", channel=channel.name, outcome=outcome)
    return wait


def _outcome(channel: Channel, row: AnyRow, message: Message | None) -> tuple[str, float | None]:
    """One of OUTCOMES, and see `_send`."""
    if message is None:
        handing.settle_muted(row)
        return "muted", None
    if not handing.begin(row, channel.by_key):
        return "taken_over", None
    release_reader()  # The other side may take its time, and others have use for a connection.
    try:
        channel.send(message)
    except Refusal as refusal:
        return _refused(row, refusal)
    except Exception:
        # Nobody knows how far it got.
        _log.exception("sending failed", extra={"channel": channel.name, "delivery": row.id})
        error = Passing("failed") if channel.by_key else Unclear("failed")
        return _refused(row, error)
    taking.arrived(channel.name, handing.settle_sent(row))
    _learn(row, None)
    return "sent", None


def _learn(row: AnyRow, code: str | None) -> None:
    if row.channel in LEARNING:
        LEARNING[row.channel](row.account_id, code)


def _refused(row: AnyRow, refusal: Refusal) -> tuple[str, float | None]:
    outcome = _settled(row, refusal)
    _learn(row, refusal.code)
    return outcome


def _settled(row: AnyRow, refusal: Refusal) -> tuple[str, float | None]:
    _log.warning("not sent", extra={"channel": row.channel, "delivery": row.id, "reason": refusal.code})
    if isinstance(refusal, Away):
        state = handing.settle_passing(row, refusal.code, refusal.retry_after, counts=False)
        return (DEAD if state == DEAD else "away"), refusal.retry_after or 0.0
    if isinstance(refusal, Passing):
        state = handing.settle_passing(row, refusal.code, refusal.retry_after)
        return (DEAD if state == DEAD else "passing"), None
    state = DEAD if isinstance(refusal, Permanent) else UNCERTAIN
    handing.settle_failed(row, state, refusal.code)
    return state, None


class Sender(threading.Thread):
    """A channel's thread. A channel that is away is left alone for a while, longer each time, and tried with one."""

    def __init__(self, app: Flask, name: str, stopping: Callable[[], bool]) -> None:
        super().__init__(name=f"send-{name}", daemon=True)
        self._app, self._channel_name, self._stopping = app, name, stopping
        self._woken = threading.Event()

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    def run(self) -> None:
        """Send until told to stop."""
        with self._app.app_context():
            channel = ADAPTERS[self._channel_name]()
        rest = 0.0
        while not self._stopping():
            wait = self._round(channel)
            rest = 0.0 if wait is None else min(_LONGEST_REST, max(wait, rest * 2, 1.0))
            if rest:
                self._sleep(rest)  # Whoever wakes it meanwhile would only find it still away.
            else:
                self._woken.wait(_LOOK_SECONDS)
            self._woken.clear()

    def _round(self, channel: Channel) -> float | None:
        """What `work_off` says; a context of its own each time, so that nothing is held while it waits."""
        try:
            with self._app.app_context():
                return work_off(channel, self._stopping) if handing.is_due(channel.name) else None
        except SQLAlchemyError as error:
            _log.warning("sender waits", extra={"channel": channel.name, "reason": type(error).__name__})
        except Exception:
            _log.exception("sender waits", extra={"channel": channel.name})
        return 1.0

    def _sleep(self, seconds: float) -> None:
        """Wait, but look up now and then whether it is time to go."""
        while seconds > 0 and not self._stopping():
            self._woken.clear()
            time.sleep(min(1.0, seconds))
            seconds -= 1.0


_senders: list[Sender] = []


def begin(app: Flask, stopping: Callable[[], bool]) -> None:
    """Start the threads of each channel in this process, which does nothing else."""
    with app.app_context():
        for name, outcome in product(ADAPTERS, OUTCOMES):
            tally.count("participate_deliveries", 0.0, channel=name, outcome=outcome)
        taking.begin(ADAPTERS)
    threads = [name for name in ADAPTERS for _ in range(_SIDE_BY_SIDE if name in _ANYWHERE else 1)]
    _senders[:] = [Sender(app, name, stopping) for name in threads]
    for sender in _senders:
        sender.start()


def wake() -> None:
    """Let every channel's thread look what there is to send."""
    for sender in _senders:
        sender.wake()


def end() -> None:
    """Wait until every thread has finished what it is at; what hangs is recovered when its lease is over."""
    for sender in _senders:
        sender.wake()
    for sender in _senders:
        sender.join(_STOP_SECONDS)
