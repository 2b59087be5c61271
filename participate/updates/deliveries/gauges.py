"""How the sending stands, in numbers that are bounded whatever has piled up."""

from sqlalchemy import Connection, select

from participate.kernel import gauges
from participate.kernel.clock import now
from participate.kernel.metrics import Gauge
from participate.updates.deliveries.choices import ALL
from participate.updates.deliveries.models import DIGEST, FAILED, OPEN, Delivery, among


def oldest(connection: Connection) -> dict[str, float]:
    """By channel, for how many seconds the oldest has been due that is not yet sent or given up, 0 where none is."""
    held, moment, found = Delivery, now(), dict[str, float]()
    for channel in ALL:
        due = select(held.due_at).where(held.channel == channel, among(held.state, OPEN), held.due_at <= moment)
        first = connection.execute(due.order_by(held.due_at).limit(1)).scalar()
        found[channel] = (moment - first).total_seconds() if first else 0.0
    return found


def waiting(connection: Connection) -> dict[str, int]:
    """By channel, how many are to be sent: now, after a pause, or when quiet hours end."""
    return _in(connection, OPEN)


def undelivered(connection: Connection) -> dict[str, int]:
    """By channel, how many have not arrived that are to: what waits for the hour of its digest is among them."""
    return _in(connection, (*OPEN, DIGEST))


def _in(connection: Connection, states: tuple[str, ...]) -> dict[str, int]:
    held = Delivery
    return {
        channel: gauges.counted(connection, select(held.id).where(held.channel == channel, among(held.state, states)))
        for channel in ALL
    }


def failed(connection: Connection) -> dict[str, int]:
    """By state, how many staff have to look at."""
    held = Delivery
    return {
        state: gauges.counted(connection, select(held.id).where(among(held.state, FAILED), held.state == state))
        for state in FAILED
    }


_UP_TO = f"(counted up to {gauges.MOST})"
# As `kernel.metrics` shows them.
GAUGES: dict[tuple[str, str, str], Gauge] = {
    ("participate_deliveries_oldest_seconds", "How long the oldest message has been due.", "channel"): oldest,
    ("participate_deliveries_waiting", f"Messages still to be sent {_UP_TO}.", "channel"): waiting,
    ("participate_deliveries_undelivered", f"Messages yet to arrive, also by digest {_UP_TO}.", "channel"): undelivered,
    ("participate_deliveries_failed", f"Messages given up, or of unknown fate {_UP_TO}.", "state"): failed,
}
