"""How long it takes from a fact until its reader has it, channel by channel, and how much is not wanted by any.

As all processes together count it; what has become of the messages of some days stands in `figures`.
"""

from collections.abc import Iterable
from datetime import datetime

from flask import current_app

from participate.kernel import tally
from participate.kernel.clock import now

NAME = "participate_delivery_seconds"
TOLD = "participate_told"
_MINUTE, _HOUR = 60.0, 3600.0
# From a second to two days, after which a message is given up.
BOUNDS = (
    *(0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 15 * _MINUTE),
    *(_HOUR, 4 * _HOUR, 12 * _HOUR, 24 * _HOUR, 48 * _HOUR),
)


def begin(channels: Iterable[str]) -> None:
    """Have it there from the start, so that a channel that has sent nothing yet is seen, too."""
    for channel in channels:
        tally.of(current_app).kept(NAME, BOUNDS, channel=channel)
    told(0, 0)


def told(sent: int, muted: int) -> None:
    """Facts told to people who have a channel beside the feed: sent by one at least, and muted on all of theirs."""
    tally.count(TOLD, sent, outcome="sent")
    tally.count(TOLD, muted, outcome="muted")


def arrived(channel: str, since: Iterable[datetime]) -> None:
    """Facts of these moments have reached their reader by a channel, just now."""
    moment = now()
    for at in since:
        tally.observe(NAME, max(0.0, (moment - at).total_seconds()), BOUNDS, channel=channel)
